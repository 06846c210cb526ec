import Foundation
import Testing

@testable import paypage

@Suite struct ConfigurationPageTests {
    @Test func `docs/configuration.md is what the table of settings renders`() throws {
        let page = try String(contentsOf: Repository.root.appending(path: "docs/configuration.md"), encoding: .utf8)
        #expect(
            page == ConfigurationPage.text,
            "the page is out of date; renew it: swift run paypage settings >docs/configuration.md")
    }

    @Test func `every setting is in exactly one group of the page`() {
        let grouped = ConfigurationPage.groups.flatMap(\.entries).map(\.key)
        #expect(grouped.sorted() == Settings.reference.map(\.key).sorted())
    }

    @Test func `the sample of the package has only known keys, and lacks what only the operator knows`() throws {
        let sample = Repository.root.appending(path: "deploy/paypage.yaml").path
        let mistakes = try SettingsFixture.mistakes([:], file: String(contentsOfFile: sample, encoding: .utf8))
        let keys = mistakes.map { $0.prefix { $0 != " " } }
        #expect(keys == ["public.url", "api.keys", "token.secret", "sandbox.enabled"], "\(mistakes)")
        let complete = SettingsFixture.enough(["PAYPAGE_DATABASE_URL": "sqlite:paypage.sqlite"])
        #expect(throws: Never.self) { try SettingsFixture.load(complete, path: sample) }
    }

    @Test func `every key that the sample has commented out is a key of this version`() throws {
        let sample = Repository.root.appending(path: "deploy/paypage.yaml")
        let lines = try String(contentsOf: sample, encoding: .utf8).split(separator: "\n")
        let keys = lines.compactMap { $0.firstMatch(of: /^# ([a-z0-9.]+):/).map { String($0.output.1) } }
        #expect(keys.count > 10)
        for key in keys { #expect(SettingKey(rawValue: key) != nil, "\(key)") }
    }
}
