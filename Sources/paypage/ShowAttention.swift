import ArgumentParser
import PayAPI
import PayFlow

struct ShowAttention: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attention",
        abstract: "Prints everything that waits for a person, with the command that decides it.",
        discussion: """
            Open circuits and certificates that end soon are known to a running service alone, which reports them to the \
            database.
            """)

    @Option(help: "The most things of each kind to print, 1 to 10000.")
    var limit = 50

    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
    }

    func run() async throws {
        let attention = try await CommandDatabase.with(config: config) { store in
            try await store.attention(at: SystemClock().now(), limit: limit)
        }
        output.print(text: AttentionTable(attention).text, json: AttentionAnswer(attention))
    }
}

/// A table of what waits for a person.
struct AttentionTable {
    private let attention: Attention

    init(_ attention: Attention) {
        self.attention = attention
    }

    var text: String {
        guard !attention.items.isEmpty else { return "nothing waits for a person" }
        let table = TextTable(
            head: ["SEVERITY", "SINCE", "KIND", "COMMAND", "WHAT"],
            rows: attention.items.map { item in
                [
                    item.kind.severity.rawValue, Timestamp(item.since).text, item.kind.rawValue, item.command,
                    PlainText(item.words).description,
                ]
            })
        let omissions = AttentionKind.allCases.filter { attention.omitted($0) > 0 }
            .map { "\(attention.omitted($0)) more of kind \($0.rawValue): use --limit" }
        return ([table.text] + omissions).joined(separator: "\n")
    }
}
