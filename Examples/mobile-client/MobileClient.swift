import ArgumentParser
import Foundation

/// Plays the app on a phone. It takes over an order from another device, shows the page for the provider's SDK, and
/// reports the order's changes until the order is over.
@main
struct MobileClient: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mobile-client",
        abstract: "Takes over an order from another device and follows it until it is over.",
        discussion: """
            The token is read from the environment variable \(Token.variable), so that it does not show in the \
            process list. It is the JWT that the shop gives its user. For a trial, an API key works too.

            Exit status: 0 if the order was paid, 3 if the shop closed it, 4 if it expired, and 1 if it could not \
            be paid or followed.
            """)

    @Argument(help: "The order number (out_trade_no).")
    var order: String

    @Option(help: "The base URL of Paypage.")
    var server = "http://127.0.0.1:8080"

    @Option(help: "The channel to pay by. Default: the channel of the open page.")
    var channel: String?

    @Flag(help: "Poll the order instead of following its event stream.")
    var poll = false

    func validate() throws {
        guard order.wholeMatch(of: /[0-9A-Za-z_]{4,28}/) != nil else {
            throw ValidationError("order: invalid value \"\(order)\"; expected 4 to 28 letters, digits or _")
        }
        guard let url = URL(string: server), ["http", "https"].contains(url.scheme), url.host() != nil else {
            throw ValidationError(
                "--server: invalid value \"\(server)\"; expected a URL such as https://pay.example.com")
        }
    }

    func run() async throws {
        guard let url = URL(string: server), let token = Token.ofEnvironment else {
            throw ValidationError("\(Token.variable) is not set; set it to a user's token or an API key")
        }
        let service = PayService(base: url, order: order, token: token)
        do {
            let isOver = try await takeOver(service)
            if !isOver { Teller.say("Following the order\(poll ? " by polling" : "").") }
            let last = try await Follower(service: service, streams: !poll).follow(Teller.tell)
            throw ExitCode(last.state.exitCode)
        } catch let problem as Problem {
            Teller.complain(problem.words)
            throw ExitCode.failure
        } catch let error as URLError {
            Teller.complain("Could not reach Paypage at \(server) (error \(error.code.rawValue)).")
            throw ExitCode.failure
        }
    }

    /// True if there was nothing to take over, because the order is paid or over.
    private func takeOver(_ service: PayService) async throws -> Bool {
        do {
            Teller.tell(try await service.repay(by: channel))
            return false
        } catch let problem as Problem where problem.isOver {
            return true
        }
    }
}

/// The credential of the app.
enum Token {
    static let variable = "MOBILE_TOKEN"

    static var ofEnvironment: String? {
        ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension Order.State {
    var exitCode: Int32 {
        switch self {
        case .paid: 0
        case .new: 1
        case .closed: 3
        case .expired: 4
        }
    }
}
