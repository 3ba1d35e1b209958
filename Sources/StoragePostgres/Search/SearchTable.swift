import Storage

// A full-text index is a table with the text of each column and a generated tsvector.
//
// The server's parser takes no part, because it splits words such as `0x1f`. The words are already
// folded and separated by single spaces, and contain no quote or backslash, so the text of a
// tsvector is made by replacing. https://www.postgresql.org/docs/current/datatype-textsearch.html

/// The statements that create the table and the index of its words.
func creation(of index: FullText) -> String {
    let words = index.columns.enumerated().map { number, column in
        // The place tells columns apart. All words of one have the same place: a word counts once
        // for each column.
        let mark = "\(number + 1)\(column.weight > 1 ? "A" : "")"
        return "regexp_replace(\(column.name), '([^ ]+)', '''\\1'':\(mark)', 'g')"
    }
    return """
        CREATE TABLE \(index.name) (
            document BIGINT PRIMARY KEY,
            \(index.columns.map { "\($0.name) TEXT NOT NULL" }.joined(separator: ",\n    ")),
            words TSVECTOR NOT NULL GENERATED ALWAYS AS (
                CAST(\(words.joined(separator: " || ' ' || ")) AS TSVECTOR)
            ) STORED
        );
        CREATE INDEX \(index.name)_words ON \(index.name) USING gin (words)
        """
}

/// The number of documents in a part.
let partSize = 16_384

/// The part of a document, in an array because GIN indexes no numbers.
///
/// https://www.postgresql.org/docs/15/gin-builtin-opclasses.html
let part = "ARRAY[document / \(partSize)]"

/// The statements that index the words together with the part of each document.
///
/// A search for words in certain parts then reads nothing of the others. It also reads the list of
/// new entries, each time from start to end, so that list has at most 1 MB instead of 4 MB.
/// https://www.postgresql.org/docs/15/gin-implementation.html#GIN-FAST-UPDATE
func division(of index: FullText) -> String {
    """
    DROP INDEX \(index.name)_words;
    CREATE INDEX \(index.name)_words ON \(index.name) USING gin (words, (\(part)))
    WITH (gin_pending_list_limit = 1024)
    """
}
