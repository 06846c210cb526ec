import ArgumentParser
import PayCore
import PayFlow
import Testing

@testable import paypage

/// The author of a change by a command.
@Suite struct AuthorOptionsTests {
    private func actor(
        _ arguments: [String] = [], _ environment: [String: String] = [:], account: String = "paypage",
        host: String? = "pay-1"
    ) throws -> Actor {
        try AuthorOptions.parse(arguments).actor(environment: environment, account: account, host: host)
    }

    @Test func `the author is named by --by, else by the person behind sudo, else by the user of the shell`() throws {
        let all = ["SUDO_USER": "ann", "USER": "root"]
        #expect(
            try actor(["--by", "Li Wei"], all) == Actor(PersonName("Li Wei")!, by: .cli, from: PersonName("pay-1")))
        #expect(try actor([], all).name.text == "ann")
        #expect(try actor([], ["USER": "bob"]).name.text == "bob")
        #expect(try actor([], ["SUDO_USER": "", "USER": ""]).name.text == "paypage")
        #expect(try actor().name.text == "paypage")
    }

    @Test func `a command without any name of its author is refused`() {
        #expect(throws: CommandFailure.self) { try actor(account: "") }
        #expect(throws: (any Error).self) { try actor(["--by", ""]) }
        #expect(throws: (any Error).self) { try actor(["--by", "Ann\u{1B}[2J"]) }
    }

    @Test func `the origin is the host's name, cut to the longest one that is stored`() throws {
        #expect(try actor(host: nil).origin == nil)
        let long = String(repeating: "h", count: 253)
        #expect(try actor(host: long).origin == PersonName(String(long.prefix(64))))
        #expect(try AuthorOptions.parse([]).actor().origin != nil)
    }
}
