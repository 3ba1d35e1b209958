import Storage

// The server finds the newest documents in one of three ways. Its planner cannot know which is the
// fastest, and all of them give the same documents.
//
// 1. Read documents from the newest on until there are enough. It is fast for common words.
// 2. Read all matching documents by the index of words. It is fast for rare words.
// 3. Otherwise estimate from samples how far back the newest matches reach, and read only the
//    matches of these parts by the index. If they do not suffice, read further back.
//
// So a search reads few documents that it does not return. DESIGN.md has the figures.

/// How many of the newest documents are a sample.
private let sampleSize = 500

/// The least number of matches in the sample for which the newest documents are read in order.
private let commonMin = 50

/// The most documents that are read in order.
private let scanMax = 30_000

/// The most matches of a word that counts as rare.
private let rareMax = 300

/// The most samples of different ages.
private let samplesMax = 64

/// The number of documents in each of them.
private let documentsPerSample = 48

/// Turns `word prefix*`, the hole that follows, into `'word' & 'prefix':*`.
let searchStart = """
    WITH RECURSIVE asked (query) AS (
        SELECT CAST(replace(replace(regexp_replace(
    """

/// The query after the hole.
///
/// A condition on `(SELECT query FROM asked)` has the same plan for all words.
func end(of search: FullTextSearch) -> String {
    """
    , '([^ *]+)', '''\\1''', 'g'), '*', ':*'), ' ', ' & ') AS TSQUERY)
    ), \(commonAndRare(search)), \(samples(of: search.index)), \(ranges(search))
    SELECT document AS id, \(search.isRanked ? rank : "0::bigint") AS score FROM (
        SELECT document, words FROM common WHERE (SELECT COUNT(*) FROM common) = \(search.newest)
        UNION ALL (
            SELECT document, words FROM rare WHERE (SELECT COUNT(*) FROM rare) <= \(rareMax)
            ORDER BY document DESC LIMIT \(search.newest)
        )
        UNION ALL (
            SELECT match.document, match.words
            FROM ranges, unnest(documents, vectors) AS match (document, words)
            ORDER BY document DESC LIMIT \(search.newest)
        )
    ) AS documents
    """
}

/// The matches by the first two ways: all that are needed, or too few and too many.
///
/// `document + 0 = document` is always true. The planner expects that few documents meet it, and so
/// uses the index. Otherwise it may expect that reading the table soon gives enough for the LIMIT.
private func commonAndRare(_ search: FullTextSearch) -> String {
    let table = search.index.name
    return """
        common AS MATERIALIZED (
            SELECT document, words FROM (
                SELECT document, words FROM \(table) ORDER BY document DESC LIMIT \(scanMax)
            ) AS newest
            WHERE words @@ (SELECT query FROM asked) AND (
                SELECT COUNT(*) >= \(commonMin) FROM (
                    SELECT words FROM \(table) ORDER BY document DESC LIMIT \(sampleSize)
                ) AS newest
                WHERE words @@ (SELECT query FROM asked)
            )
            LIMIT \(search.newest)
        ), rare AS MATERIALIZED (
            SELECT document, words FROM \(table)
            WHERE (SELECT COUNT(*) FROM common) < \(search.newest)
                AND words @@ (SELECT query FROM asked) AND document + 0 = document
            LIMIT \(rareMax + 1)
        )
        """
}

/// Estimates how many of the newest documents match, as far back as `bottom`.
///
/// `bottom` and `top` are numbers of parts. Each sample consists of the newest documents of `width`
/// parts.
private func samples(of index: FullText) -> String {
    """
    ages (number, top, width) AS MATERIALIZED (
        SELECT number, last / \(partSize) + 1 - number * width, width FROM (
            SELECT last, last / \(partSize * samplesMax) + 1 AS width
            FROM (SELECT MAX(document) AS last FROM \(index.name)) AS newest
        ) AS documents, generate_series(0, last / \(partSize) / width) AS number
        WHERE (SELECT COUNT(*) FROM rare) > \(rareMax)
    ), estimates (bottom, matches) AS MATERIALIZED (
        SELECT top - width, SUM(matches * width) OVER (ORDER BY number) FROM ages
        CROSS JOIN LATERAL (
            SELECT COUNT(*) FILTER (WHERE words @@ (SELECT query FROM asked))
                * \(partSize) / \(documentsPerSample) AS matches
            FROM (
                SELECT words FROM \(index.name)
                WHERE document < top * \(partSize) AND document >= (top - width) * \(partSize)
                ORDER BY document DESC LIMIT \(documentsPerSample)
            ) AS newest
        ) AS sample
    )
    """
}

/// Reads the matches in one range of parts after the other, the newest first, until there are
/// enough.
///
/// A range reaches so far back that half as many matches again are expected as are needed.
/// `document + 0` keeps the planner from reading in the order of the primary key.
private func ranges(_ search: FullTextSearch) -> String {
    """
    ranges (bottom, found, documents, vectors) AS (
        SELECT MAX(top), 0::bigint, CAST(NULL AS BIGINT[]), CAST(NULL AS TSVECTOR[]) FROM ages
        UNION ALL
        SELECT further.bottom, found + newest.count, newest.documents, newest.vectors FROM ranges
        CROSS JOIN LATERAL (
            SELECT COALESCE(MAX(bottom), 0) AS bottom FROM estimates
            WHERE bottom < ranges.bottom
                AND matches >= \(search.newest * 3 / 2) - found + COALESCE(
                    (SELECT matches FROM estimates AS read WHERE read.bottom = ranges.bottom), 0)
        ) AS further CROSS JOIN LATERAL (
            SELECT COUNT(*) AS count, array_agg(document) AS documents, array_agg(words) AS vectors
            FROM (
                SELECT document, words FROM \(search.index.name)
                WHERE words @@ (SELECT query FROM asked)
                    AND \(part) && ARRAY(SELECT generate_series(further.bottom, ranges.bottom - 1))
                ORDER BY document + 0 DESC LIMIT \(search.newest)
            ) AS matching
        ) AS newest
        WHERE found < \(search.newest) AND ranges.bottom > 0
    )
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
