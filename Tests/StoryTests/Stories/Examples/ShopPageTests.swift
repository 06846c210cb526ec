import Foundation
import Testing

/// The pages of docs/clients show parts of the shops that the stories run.
@Suite struct ShopPageTests {
    @Test(arguments: ShopLanguage.allCases) func `each snippet of a language's page is a part of its shop`(
        language: ShopLanguage
    ) throws {
        let fence = language == .node ? "js" : language.rawValue
        let snippets = try snippets(of: fence, in: "docs/clients/\(language.rawValue).md")
        #expect(snippets.count >= 4)
        let shop = lines(try String(contentsOfFile: language.file, encoding: .utf8))
        for snippet in snippets {
            let isPart = shop.indices.contains { shop[$0...].starts(with: snippet) }
            #expect(isPart, "\(snippet.joined(separator: "\n"))")
        }
    }

    @Test func `each page starts the shop by the command of the table`() throws {
        let table = try Repository.text("Examples/shops/README.md")
        for language in ShopLanguage.allCases {
            let name = URL(filePath: language.file).lastPathComponent
            let row = try #require(table.split(separator: "\n").first { $0.contains("[\(name)]") })
            let command = try #require(row.split(separator: "`").dropFirst().first)
                .replacing(name, with: "Examples/shops/\(name)")
            let page = try Repository.text("docs/clients/\(language.rawValue).md")
            #expect(page.contains("```sh\n\(command)\n```"), "\(language)")
        }
    }

    /// The code blocks of a page in one language. Each is a list of lines without their indentation.
    private func snippets(of fence: String, in page: String) throws -> [[String]] {
        try Repository.text(page).components(separatedBy: "```\(fence)\n").dropFirst().map { rest in
            lines(String(rest.prefix(upTo: try #require(rest.range(of: "\n```")).lowerBound)))
        }
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
