import ArgumentParser
import Foundation

/// The app on the phone, played by a program: it takes over an order that was begun on another screen, shows what its
/// provider's SDK would get, and tells what happens until the order is over.
@main
struct MobileClient: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mobile-client",
        abstract: "Takes over an order that was begun on another screen, and follows it to its end.",
        discussion: """
            The token stands in \(Token.variable), where the machine's other users don't see it: the JWT that the shop \
            gives its user, or, for trying, one of the merchant's API keys.

            Ends with 0 when the order is paid, 3 when the shop closed it, 4 when its time ran out, and 1 when it \
            could not be paid or followed.
            """)

    @Argument(help: "The order's number (out_trade_no).")
    var order: String

    @Option(help: "Where Paypage is.")
    var server = "http://127.0.0.1:8080"

    @Option(help: "The channel to pay by; the one that is open unless given.")
    var channel: String?

    @Flag(help: "Follow the order by asking now and then, as where no event stream gets through.")
    var poll = false

    func validate() throws {
        guard order.wholeMatch(of: /[0-9A-Za-z_]{4,28}/) != nil else {
            throw ValidationError("an order's number is 4 to 28 letters, digits and _")
        }
        guard let url = URL(string: server), ["http", "https"].contains(url.scheme), url.host() != nil else {
            throw ValidationError("--server is an address such as https://pay.example.com")
        }
    }

    func run() async throws {
        guard let url = URL(string: server), let token = Token.ofEnvironment else {
            throw ValidationError("set \(Token.variable) to a user's token, or to an API key")
        }
        let service = PayService(base: url, order: order, token: token)
        do {
            let isOver = try await takeOver(service)
            if !isOver { Teller.say("Following the order\(poll ? ", by asking now and then" : "").") }
            let last = try await Follower(service: service, streams: !poll).follow(Teller.tell)
            throw ExitCode(last.state.exitCode)
        } catch let problem as Problem {
            Teller.complain(problem.words)
            throw ExitCode.failure
        } catch let error as URLError {
            Teller.complain("Paypage at \(server) can't be reached (\(error.code.rawValue)).")
            throw ExitCode.failure
        }
    }

    /// True when there was nothing to take over: the order is paid, or over.
    private func takeOver(_ service: PayService) async throws -> Bool {
        do {
            Teller.tell(try await service.repay(by: channel))
            return false
        } catch let problem as Problem where problem.isOver {
            return true
        }
    }
}

/// What the app shows who it is with.
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
