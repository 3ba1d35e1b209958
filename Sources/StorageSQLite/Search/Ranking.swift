import CSQLite
import Glibc

/// Adds `souk_rank(index, weight…)`: how well a document fits a search, an integer.
///
/// It is SQLite's own `bm25` times minus a thousand million, but for words that very many documents
/// have. That one counts them all for each search, 3 ms for a word that 100 000 have; here the count
/// ends at a thousand, and how far it came in the table says about how many there are.
/// https://www.sqlite.org/fts5.html#the_bm25_function
func addRanking(to database: OpaquePointer) {
    // Out of memory is all that can go wrong, and a search then says that there is no such function.
    var statement: OpaquePointer?
    var api: UnsafeMutablePointer<fts5_api>?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nil) == SQLITE_OK
    else { return }
    withUnsafeMutablePointer(to: &api) {
        sqlite3_bind_pointer(statement, 1, $0, "fts5_api_ptr", nil)
        sqlite3_step(statement)
    }
    guard let api else { return }
    _ = api.pointee.xCreateFunction(api, "souk_rank", nil, rank, nil)
}

/// How much a word that is found again adds, and how much long documents lose: FTS5's own numbers.
private let saturation = 1.2
private let lengthShare = 0.75
/// A word is counted up to this many documents.
private let countMax: Int64 = 1000

/// What is the same for all documents that one search finds.
private final class Search {
    let weights: [Double]
    /// What a word is worth, the less the more documents have it; in the order of the search.
    var rarity: [Double] = []
    let meanLength: Double
    /// How often the present document has each word, columns weighed.
    var found: [Double]

    init(_ api: Fts5ExtensionApi, _ fts: OpaquePointer, weights: [Double]) {
        self.weights = weights
        var documents: Int64 = 0
        var words: Int64 = 0
        _ = api.xRowCount(fts, &documents)
        _ = api.xColumnTotalSize(fts, -1, &words)
        let phrases = api.xPhraseCount(fts)
        meanLength = Double(max(words, 1)) / Double(max(documents, 1))
        found = Array(repeating: 0, count: Int(phrases))
        for phrase in 0..<phrases {
            let having = Double(count(phrase, api, fts, among: documents))
            let rarity = log((Double(documents) - having + 0.5) / (having + 0.5))
            // What most documents have is worth next to nothing, and never less.
            self.rarity.append(max(rarity, 1e-6))
        }
    }
}

/// About how many documents have a word.
private func count(
    _ phrase: Int32, _ api: Fts5ExtensionApi, _ fts: OpaquePointer, among documents: Int64
) -> Int64 {
    var seen = (count: Int64(0), document: Int64(0))
    _ = api.xQueryPhrase(fts, phrase, &seen) { api, fts, seen in
        guard let api, let fts, let seen else { return SQLITE_ERROR }
        let state = seen.assumingMemoryBound(to: (count: Int64, document: Int64).self)
        state.pointee.count += 1
        guard state.pointee.count == countMax else { return SQLITE_OK }
        state.pointee.document = api.pointee.xRowid(fts)
        return SQLITE_DONE
    }
    guard seen.count == countMax, seen.document < documents else { return seen.count }
    // They come in the order of their numbers.
    let share = Double(documents) / Double(max(seen.document, 1))
    return min(documents, Int64(Double(seen.count) * share))
}

private func rank(
    _ api: UnsafePointer<Fts5ExtensionApi>?, _ fts: OpaquePointer?, _ context: OpaquePointer?,
    _ count: Int32, _ arguments: UnsafeMutablePointer<OpaquePointer?>?
) {
    guard let api = api?.pointee, let fts else { return sqlite3_result_error_nomem(context) }
    let search: Search
    if let kept = api.xGetAuxdata(fts, 0) {
        search = Unmanaged<Search>.fromOpaque(kept).takeUnretainedValue()
    } else {
        let weights = (0..<Int(count)).map { sqlite3_value_double(arguments?[$0]) }
        search = Search(api, fts, weights: weights)
        let kept = Unmanaged.passRetained(search).toOpaque()
        _ = api.xSetAuxdata(fts, kept) {
            if let kept = $0 { Unmanaged<Search>.fromOpaque(kept).release() }
        }
    }
    sqlite3_result_int64(context, Int64(search.score(api, fts) * 1e9))
}

extension Search {
    // https://en.wikipedia.org/wiki/Okapi_BM25
    fileprivate func score(_ api: Fts5ExtensionApi, _ fts: OpaquePointer) -> Double {
        for phrase in found.indices { found[phrase] = 0 }
        var places: Int32 = 0
        _ = api.xInstCount(fts, &places)
        for place in 0..<places {
            var (phrase, column, offset) = (Int32(0), Int32(0), Int32(0))
            _ = api.xInst(fts, place, &phrase, &column, &offset)
            found[Int(phrase)] += Int(column) < weights.count ? weights[Int(column)] : 1
        }
        var length: Int32 = 0
        _ = api.xColumnSize(fts, -1, &length)
        let damping = saturation * (1 - lengthShare + lengthShare * Double(length) / meanLength)
        var score = 0.0
        for (found, rarity) in zip(found, rarity) {
            score += rarity * found * (saturation + 1) / (found + damping)
        }
        return score
    }
}
