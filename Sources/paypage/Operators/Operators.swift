public import ArgumentParser
import Foundation
import PayAccess
import PayConsole
public import PayCore
import PayFlow

struct Operators: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the operators of the console, and adds, changes, resets or removes one.",
        subcommands: [List.self, Add.self, Change.self, Reset.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints every operator.")

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let operators = try await CommandDatabase.with(config: config) { try await $0.operators() }
            let now = SystemClock().now()
            output.print(
                text: OperatorTable(operators, at: now).text, json: OperatorListJSON(operators, at: now))
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds an operator, and prints the link that sets the password.",
            discussion: "The link works once, within 24 hours. Give it to the operator over a channel that you trust.")

        @Argument(help: "The operator's name: up to 32 of a-z, 0-9, '.', '_' and '-'.")
        var name: OperatorName

        @Option(help: "viewer (reads), operator (acts) or admin (refunds any amount, manages operators).")
        var role: OperatorRole

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url and console.* are read.")
        var config: String?

        func run() async throws {
            let (actor, link, now) = (try author.actor(), try InvitationLink(config: config), SystemClock().now())
            let outcome = try await OperatorFailure.checked(name, config: config) { manage in
                try await manage.add(name, role, invitedBy: link.token.digest, by: actor, at: now)
            }
            guard outcome == .done else { return }
            output.print(
                text: "\(name) is added as \(role.rawValue).\n\(link.text)",
                json: InvitationJSON(name, role, link, endsAt: now + Invitation.life))
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives an operator another role, and ends the operator's sessions.")

        @Argument(help: "The operator's name.")
        var name: OperatorName

        @Option(help: "viewer, operator or admin.")
        var role: OperatorRole

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let actor = try author.actor()
            let outcome = try await OperatorFailure.checked(name, config: config) { manage in
                try await manage.change(name, to: role, by: actor, at: SystemClock().now())
            }
            output.print(
                text: outcome == .done ? "\(name) is \(role.rawValue) now" : "\(name) was \(role.rawValue) already",
                json: OperatorChangeJSON(name, role: role, changed: outcome == .done))
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes an operator's password, one-time codes and sessions, and prints a new link.",
            discussion: "For a lost password or a lost phone, and for an operator who is locked.")

        @Argument(help: "The operator's name.")
        var name: OperatorName

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url and console.* are read.")
        var config: String?

        func run() async throws {
            let (actor, link, now) = (try author.actor(), try InvitationLink(config: config), SystemClock().now())
            _ = try await OperatorFailure.checked(name, config: config) { manage in
                try await manage.reset(name, invitedBy: link.token.digest, by: actor, at: now)
            }
            output.print(
                text: "\(name) has no password now.\n\(link.text)",
                json: InvitationJSON(name, nil, link, endsAt: now + Invitation.life))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes an operator, and ends the operator's sessions.")

        @Argument(help: "The operator's name.")
        var name: OperatorName

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let actor = try author.actor()
            _ = try await OperatorFailure.checked(name, config: config) { manage in
                try await manage.remove(name, by: actor, at: SystemClock().now())
            }
            output.print(text: "\(name) is removed", json: OperatorChangeJSON(name, role: nil, changed: true))
        }
    }
}

/// The refusals of a change, as errors with their fixes.
enum OperatorFailure {
    /// Runs the change, and throws its refusal.
    static func checked(
        _ name: OperatorName, config: String?,
        _ change: (ManageOperators) async throws -> ManageOperators.Outcome
    ) async throws -> ManageOperators.Outcome {
        let outcome = try await CommandDatabase.with(config: config) { try await change(ManageOperators($0)) }
        switch outcome {
        case .done, .unchanged: return outcome
        case .nameIsTaken:
            throw CommandFailure(
                "an operator \(name) exists: choose another name, or run paypage operators reset \(name)")
        case .unknown: throw CommandFailure("no operator is named \(name): paypage operators list prints the names")
        case .lastAdmin:
            throw CommandFailure("\(name) is the last admin: first make another operator admin (operators change)")
        }
    }
}

/// The link by which an operator sets a password.
struct InvitationLink {
    let token = RandomToken()
    private let base: String

    init(config: String?) throws {
        do {
            base = try Settings.console(
                environment: ProcessInfo.processInfo.environment, configFile: config
            ).base
        } catch {
            throw CommandFailure("the configuration has mistakes:\n\(error)")
        }
    }

    var address: String { base + Console.invitationPath(token) }

    var text: String { "Open this link within 24 hours to set the password. It works once:\n\(address)" }
}

extension OperatorName: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension OperatorRole: ExpressibleByArgument {}
