import Foundation
import Testing

/// Checks of the pages themselves: links, readers, lengths and file names.
@Suite struct DocumentTests {
    static let pages = MarkdownPage.all

    @Test(arguments: pages) func linksLeadSomewhere(page: MarkdownPage) {
        for link in page.relativeLinks {
            let (path, anchor) = page.target(of: link)
            #expect(Project.has(path), "\(link)")
            guard let anchor else { continue }
            #expect(MarkdownPage(path: path).anchors.contains(anchor), "\(link)")
        }
    }

    @Test func everyPageCanBeReachedFromTheReadMe() {
        var reached: Set<String> = []
        var next = ["README.md"]
        while let path = next.popLast() {
            guard reached.insert(path).inserted, path.hasSuffix(".md") else { continue }
            let page = MarkdownPage(path: path)
            next += page.relativeLinks.map { page.target(of: $0).path }
        }
        #expect(Self.pages.count > 25)
        for page in Self.pages { #expect(reached.contains(page.path), "\(page.path)") }
    }

    @Test func readMeIsShort() throws {
        #expect(try Project.text("README.md").split(separator: "\n").count <= 150)
    }

    /// The first sentence after the title names the reader.
    @Test(arguments: pages.filter { $0.path != "README.md" })
    func namesItsReader(page: MarkdownPage) {
        let names = page.text.firstMatch(of: #/\A# .+\n\nFor (\w+)/#) != nil
        #expect(names, "\(page.path) does not begin with \"For …\"")
    }

    @Test(arguments: pages) func namesFilesThatExist(page: MarkdownPage) {
        let folders = "Sources|Tests|make|nginx|systemd|debian|monitoring|nftables|fail2ban|docs"
        guard
            let pattern = try? Regex(
                "`((?:\(folders))/[\\w./@-]+)`", as: (Substring, Substring).self)
        else { return }
        for match in page.text.matches(of: pattern) {
            let path = String(match.output.1)
            #expect(path.hasPrefix("make/souk.sh") || Project.has(path), "\(path)")
        }
    }

    /// Names of code in the pages on design and decisions.
    @Test func namesCodeThatExists() throws {
        let isCode = [".swift", ".conf", ".sh", ".pl", ".py", ".yaml", ".service", ".socket"]
        let files = Project.files.filter { path in
            isCode.contains { path.hasSuffix($0) } && !path.hasPrefix("Tests/TidyTests/")
        }
        var known: Set<Substring> = []
        for file in files {
            known.formUnion(
                try Project.text(file).split { !$0.isLetter && !$0.isNumber && $0 != "_" })
        }
        var count = 0
        let pages = Self.pages.filter { $0.path.contains(#/^docs/(design|decisions)//#) }
        for page in pages {
            for match in page.prose.matches(of: #/`(\w+)(?:\.([a-z]\w+))?`/#) {
                let (whole, name, member) = match.output
                count += 1
                if member == "swift" {
                    let isThere = Project.files.contains { "/\($0)".hasSuffix("/\(name).swift") }
                    #expect(isThere, "\(page.path): \(whole)")
                } else {
                    let isThere = known.contains(name) && known.contains(member ?? name)
                    #expect(isThere, "\(page.path): \(whole)")
                }
            }
        }
        #expect(count > 50)
    }

    /// Each line of a Swift sample is a line of the sources or the tests.
    @Test func samplesInSwiftAreReal() throws {
        func words(_ line: Substring) -> String {
            line.split(separator: " ").joined(separator: " ")
        }
        let files = Project.files(endingIn: ".swift").filter { !$0.hasPrefix("Tests/TidyTests/") }
        let real = Set(try files.flatMap { try Project.text($0).split(separator: "\n").map(words) })
        var count = 0
        for page in Self.pages {
            for block in page.text.matches(of: #/(?ms)^```swift\n(.*?)^```/#) {
                for line in block.output.1.split(separator: "\n").map(words) where !line.isEmpty {
                    count += 1
                    #expect(real.contains(line), "\(page.path): \(line)")
                }
            }
        }
        #expect(count > 10)
    }

    @Test(arguments: pages.map(\.path) + ["openapi.yaml"])
    func namesNoPersonalFolder(file: String) throws {
        let folders = try Project.text(file).matches(of: #/\/(?:home|root|tmp|Users|work)\//#)
        #expect(folders.isEmpty)
    }

    @Test func imagesAreSmall() throws {
        let images = Project.files.filter { $0.hasPrefix("docs/images/") }
        #expect(images.count == 2)
        for image in images {
            let bytes = try Data(contentsOf: Project.folder.appending(path: image)).count
            #expect(bytes <= 150 * 1024, "\(image)")
        }
    }

    /// A sentence of the documentation has at most 25 words.
    @Test(arguments: pages) func sentencesAreShort(page: MarkdownPage) {
        for sentence in page.sentences {
            let words = sentence.split(separator: " ").filter { $0.contains(where: \.isLetter) }
            #expect(words.count <= 25, "\(page.path): \(words.count) words: \(sentence)")
        }
    }
}
