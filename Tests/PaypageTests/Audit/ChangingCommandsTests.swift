import ArgumentParser
import PayFlow
import Testing

@testable import paypage

/// Every command, and the entry that it leaves in the audit. A new command needs a line here.
@Suite struct ChangingCommandsTests {
    private enum Trace {
        /// It changes nothing in the database.
        case reads
        case leaves(AuditAction)
        /// It is the service itself, whose changes are the shop's and the providers'.
        case isTheService
    }

    private static let commands: [String: Trace] = [
        "serve": .isTheService, "sandbox": .isTheService,
        // With --restored. The migrations themselves have a table of their own.
        "migrate": .leaves(.databaseRestored),
        "doctor": .reads, "settings": .reads, "attention": .reads, "audit list": .reads,
        "orders list": .reads, "orders find": .reads, "orders show": .reads,
        "refunds list": .reads, "refunds show": .reads, "refunds create": .leaves(.refundRequested),
        "refunds retry": .leaves(.refundRetried),
        "disputes list": .reads, "disputes accept": .leaves(.disputeAccepted),
        "disputes refund": .leaves(.disputeRefunded),
        "channels list": .reads, "channels pause": .leaves(.channelPaused), "channels resume": .leaves(.channelResumed),
        "deliveries list": .reads, "deliveries show": .reads, "deliveries resend": .leaves(.deliveryResent),
        "deliveries recover": .leaves(.deliveriesRecovered),
        "webhooks list": .reads, "webhooks test": .leaves(.webhookTested),
        "reconcile run": .leaves(.reconciliationRun), "reconcile list": .reads,
        "differences list": .reads, "differences explain": .leaves(.differenceExplained),
        "differences close": .leaves(.differenceClosed),
        "reload": .leaves(.settingsReloaded), "keys list": .reads, "keys new": .reads,
        "backup": .leaves(.databaseBackedUp), "restore": .leaves(.databaseRestored),
        "copy": .leaves(.databaseCopied),
        "operators list": .reads, "operators add": .leaves(.operatorAdded),
        "operators change": .leaves(.operatorChanged), "operators reset": .leaves(.operatorChanged),
        "operators remove": .leaves(.operatorRemoved),
        "privacy export": .leaves(.userExported), "privacy erase": .leaves(.userErased),
    ]

    private static func leaves(
        of command: any ParsableCommand.Type, path: [String] = []
    ) -> [(path: [String], command: any ParsableCommand.Type)] {
        let inner = command.configuration.subcommands
        guard inner.isEmpty else { return inner.flatMap { leaves(of: $0, path: path + [$0._commandName]) } }
        return [(path, command)]
    }

    @Test func `every command is known to leave an entry or to change nothing`() {
        let found = Set(Self.leaves(of: Paypage.self).map { $0.path.joined(separator: " ") })
        #expect(found.subtracting(Self.commands.keys) == [], "commands without a line in this table")
    }

    @Test func `a command takes its author exactly if it leaves an entry`() {
        for (path, command) in Self.leaves(of: Paypage.self) {
            let name = path.joined(separator: " ")
            let takesAuthor = Paypage.helpMessage(for: command).contains("--by <by>")
            switch Self.commands[name] {
            case .leaves: #expect(takesAuthor, "\(name) leaves an entry and has no --by")
            case .reads, .isTheService: #expect(!takesAuthor, "\(name) leaves no entry and has --by")
            case nil: continue
            }
        }
    }

    @Test(arguments: ["docs/operations/audit.md", "docs/zh/operations/audit.md"])
    func `the page about the audit names every action`(_ page: String) throws {
        let text = try Repository.text(page)
        for action in AuditAction.allCases { #expect(text.contains("`\(action.rawValue)`"), "\(action.rawValue)") }
    }
}
