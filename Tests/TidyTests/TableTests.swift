import Testing

/// A slice's SQL names only tables of slices that it imports, and writes only its own.
@Suite struct TableTests {
    /// The targets with tables, in the order of their imports.
    static let slices = [
        "Service", "Outbox", "Customers", "Inventory", "Shipping", "Taxes", "Coupons", "GiftCards",
        "Sales", "Invoices", "Carts", "Wishlist",
        "Webhooks", "Payments", "Reviews",
    ]

    /// Seeds write rows of every slice, because one call for each row takes hours.
    static let exempt = ["Seeds"]

    /// The slice that owns each table, by its CREATE statement.
    private func owners() throws -> [String: String] {
        var owners: [String: String] = [:]
        for slice in Self.slices {
            for file in Project.swiftFiles(below: "Sources/\(slice)") {
                let text = try Project.text(file)
                for match in text.matches(of: #/CREATE TABLE (\w+)/#) {
                    owners[String(match.output.1)] = slice
                }
                for match in text.matches(of: #/FullText\(\s*"(\w+)"/#) {
                    owners[String(match.output.1)] = slice
                }
            }
        }
        return owners
    }

    @Test func everySliceHasTables() throws {
        let owners = try owners()
        #expect(Set(owners.values) == Set(Self.slices))
        #expect(owners.count > 20)
    }

    @Test func readsOnlyTablesOfImportedSlices() throws {
        let owners = try owners()
        let targets = Manifest(try Project.text("Package.swift")).targets
        for slice in Self.slices {
            let target = try #require(targets.first { $0.name == slice })
            for use in try uses(in: slice, of: owners) {
                let owner = owners[use.table] ?? ""
                #expect(
                    owner == slice || target.dependencies.contains(owner),
                    "\(use.file) names \(use.table) of \(owner), which \(slice) does not import")
            }
        }
    }

    @Test func writesOnlyItsOwnTables() throws {
        let owners = try owners()
        for slice in Self.slices {
            for use in try uses(in: slice, of: owners) where use.isWrite {
                #expect(
                    owners[use.table] == slice, "\(use.file) writes \(use.table)")
            }
        }
    }

    private struct Use {
        let file: String
        let table: String
        let isWrite: Bool
    }

    /// The tables that a statement of the slice names after FROM, JOIN, INTO, UPDATE or REFERENCES.
    private func uses(in slice: String, of owners: [String: String]) throws -> [Use] {
        var uses: [Use] = []
        let pattern = #/(DELETE FROM|INSERT INTO|UPDATE|FROM|JOIN|REFERENCES) (\w+)/#
        for file in Project.swiftFiles(below: "Sources/\(slice)") {
            for match in try Project.text(file).matches(of: pattern) {
                let table = String(match.output.2)
                guard owners[table] != nil else { continue }
                let isWrite = ["DELETE FROM", "INSERT INTO", "UPDATE"].contains(match.output.1)
                uses.append(Use(file: file, table: table, isWrite: isWrite))
            }
        }
        return uses
    }
}
