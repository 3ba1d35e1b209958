import Storage

// The server finds the newest documents in one of two ways, and its planner cannot know which is
// faster: it estimates that a prefix without statistics matches 2 % of the documents.
//
// - Read documents from the newest on until there are enough. It is fast for common words.
// - Read all matching documents by the index of words, then sort them. It is fast for rare words.
//
// So the statement counts the matches among the newest few documents. Both ways give the same
// documents, whatever the count.

/// How many of the newest documents are a sample.
private let sampleSize = 500

/// The least number of matches in the sample for which the newest documents are read in order.
private let commonMin = 10

/// The most documents that are read in order, so that a word which only new documents have does not
/// cost a scan of the table.
private let scanMax = 100_000

/// Turns `word prefix*`, the hole that follows, into `'word' & 'prefix':*`.
let searchStart = """
    WITH asked (query) AS (
        SELECT CAST(replace(replace(regexp_replace(
    """

/// The query after the hole.
///
/// A condition on `(SELECT query FROM asked)` has the same plan for all words. `document + 0` keeps
/// the planner from reading in the order of the primary key in the second part.
func end(of search: FullTextSearch) -> String {
    let table = search.index.name
    return """
        , '([^ *]+)', '''\\1''', 'g'), '*', ':*'), ' ', ' & ') AS TSQUERY)
        ), sample (is_common) AS (
            SELECT COUNT(*) >= \(commonMin) FROM (
                SELECT words FROM \(table) ORDER BY document DESC LIMIT \(sampleSize)
            ) AS newest
            WHERE words @@ (SELECT query FROM asked)
        ), recent AS MATERIALIZED (
            SELECT document, words FROM (
                SELECT document, words FROM \(table) ORDER BY document DESC LIMIT \(scanMax)
            ) AS newest
            WHERE (SELECT is_common FROM sample) AND words @@ (SELECT query FROM asked)
            LIMIT \(search.newest)
        )
        SELECT document AS id, \(search.isRanked ? rank : "0::bigint") AS score FROM (
            SELECT document, words FROM recent
            WHERE (SELECT COUNT(*) FROM recent) = \(search.newest)
            UNION ALL (
                SELECT document, words FROM \(table)
                WHERE (SELECT COUNT(*) FROM recent) < \(search.newest)
                    AND words @@ (SELECT query FROM asked)
                ORDER BY document + 0 DESC LIMIT \(search.newest)
            )
        ) AS documents
        """
}

/// How well a document matches.
///
/// The rank needs the words as alternatives: for words that must all occur, `ts_rank` compares
/// their places, which say nothing here. It counts a word of a heavy column ten times, and divides
/// by the logarithm of the number of words in the document.
private let rank = """
    (ts_rank('{0.1, 0.1, 0.1, 1}', words,
        (SELECT CAST(replace(CAST(query AS TEXT), ' & ', ' | ') AS TSQUERY) FROM asked), 1)
        * 1e9)::bigint
    """
