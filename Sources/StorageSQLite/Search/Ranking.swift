import CSQLite
import Glibc

/// Adds `souk_rank(index, weight…)`, an integer that is higher the better a document matches.
///
/// It is SQLite's `bm25` times -10^9, but it counts a word in at most 1,000 documents and estimates
/// the rest. See docs/decisions/0002 and https://www.sqlite.org/fts5.html#the_bm25_function
func addRanking(to database: OpaquePointer) {
    // Registering fails only if memory runs out. A search then fails, because the function is
    // missing.
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

/// FTS5's constants: how much a repeated word adds, and how much a long document loses.
private let saturation = 1.2
private let lengthShare = 0.75
/// The most documents that are counted for a word.
private let countMax: Int64 = 1000

/// The values that are the same for all documents of one search.
private final class Search {
    let weights: [Double]
    /// The weight of each word of the search, lower the more documents contain it.
    var rarity: [Double] = []
    let meanLength: Double
    /// How often the current document contains each word, times the weights of the columns.
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
            // A word that most documents contain weighs almost nothing, but never less than zero.
            self.rarity.append(max(rarity, 1e-6))
        }
    }
}

/// Estimates how many documents contain a word.
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
    // FTS5 visits the documents in the order of their ids.
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
