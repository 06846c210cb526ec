import ArgumentParser
import Crypto
import Foundation
import PayCore
import PayFlow

struct Privacy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows and erases what is stored about a user.", subcommands: [PrivacyExport.self, PrivacyErase.self])
}

struct PrivacyExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Prints everything that is stored about a user, as JSON.")

    @Argument(help: "The user id, as the shop sent it.")
    var user: String

    @OptionGroup var author: AuthorOptions

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func run() async throws {
        let (user, actor) = (try userID(user), try author.actor())
        let report = try await CommandDatabase.with(config: config) { store in
            var orders: [PersonalOrderJSON] = []
            for number in try await store.orders(of: user) {
                guard let order = try await store.order(number) else { continue }
                orders.append(PersonalOrderJSON(order, try await store.personalTexts(of: number)))
            }
            let note = AuditNote(actor, .userExported, on: user.fingerprint, detail: "\(orders.count) orders")
            try await store.audit(note, at: SystemClock().now())
            return PersonalJSON(user_id: user.text, orders: orders)
        }
        print(JSONText.of(report))
    }
}

struct PrivacyErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Blanks what is stored about a user. Amounts and numbers stay.",
        discussion: """
            Orders that are over are blanked at once, for good. An order that can still be paid or refunded is blanked as \
            soon as it is over. Copies of the database keep the data until they are removed.
            """)

    @Argument(help: "The user id, as the shop sent it.")
    var user: String

    @Flag(help: "Erase. Without it, the command only counts.")
    var yes = false

    @OptionGroup var author: AuthorOptions
    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func run() async throws {
        let (user, actor) = (try userID(user), try author.actor())
        let result = try await CommandDatabase.with(config: config) { store in
            guard yes else { return EraseUser.Result(orders: try await store.orders(of: user).count, waiting: []) }
            let note = AuditNote(actor, .userErased, on: user.fingerprint)
            return try await EraseUser(store, clock: SystemClock())(user, audit: note)
        }
        output.print(
            text: text(result),
            json: ErasureJSON(
                user: user.fingerprint, erased: yes ? result.orders - result.waiting.count : 0, orders: result.orders,
                waiting: result.waiting.map(\.text)))
    }

    private func text(_ result: EraseUser.Result) -> String {
        guard yes else { return "\(result.orders) orders have data about this user; add --yes to erase it" }
        let done = "\(result.orders - result.waiting.count) of \(result.orders) orders are erased"
        guard !result.waiting.isEmpty else { return done }
        let lines = result.waiting.map { "  \($0) is not over yet" }
        return ([done, "the others are erased as soon as they are over:"] + lines).joined(separator: "\n")
    }
}

private func userID(_ text: String) throws -> UserID {
    guard let user = UserID(text) else { throw CommandFailure("\"\(text)\" is not a user id") }
    return user
}

extension UserID {
    /// Names the user in the audit, which is never erased: the beginning of the SHA-256 of the user id.
    var fingerprint: String {
        let digest = SHA256.hash(data: Data(text.utf8))
        return "user sha256:" + Hexadecimal.text(of: digest.prefix(12))
    }
}

struct ErasureJSON: Encodable {
    let user: String
    let erased: Int
    let orders: Int
    let waiting: [String]
}
