import ArgumentParser
import Foundation
import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore

@testable import paypage

/// A database with an order of 99.00 CNY, and the settings that name the database, for commands beside a service.
struct CommandDatabase {
    static let sandbox = Channel("sandbox")!
    static let number = OrderNumber("order_1")!

    let ledger: SQLiteLedger
    private let folder: URL

    /// Makes an order, which a payment of this amount has reached. A wrong amount is disputed.
    static func with(
        paid amount: Int64 = 9_900, channels: String = "sandbox", numbers: [OrderNumber] = [number],
        _ body: (CommandDatabase) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = CommandDatabase(
            ledger: try SQLiteLedger(path: folder.appendingPathComponent("paypage.sqlite").path), folder: folder)
        let settings = """
            database.url: sqlite:\(folder.appendingPathComponent("paypage.sqlite").path)
            sandbox.enabled: "true"
            sandbox.channels: \(channels)
            """
        try settings.write(to: folder.appendingPathComponent("paypage.yaml"), atomically: true, encoding: .utf8)
        for number in numbers { try await database.makeOrder(number, paid: amount) }
        try await body(database)
        try database.ledger.close()
    }

    var config: String { folder.appendingPathComponent("paypage.yaml").path }

    /// Runs a command with these settings.
    func run(_ arguments: [String]) async throws {
        let command = try Paypage.parseAsRoot(arguments + ["--config", config])
        guard var command = command as? any AsyncParsableCommand else { return }
        try await command.run()
    }

    /// The text of the error that a command ends with; nil if it succeeds.
    func failure(_ arguments: [String]) async -> String? {
        do {
            try await run(arguments)
            return nil
        } catch {
            return "\(error)"
        }
    }

    func order(_ number: OrderNumber = number) async throws -> Order? { try await ledger.order(number) }

    func refunds() async throws -> [Refund] { try await order()?.refunds ?? [] }

    private func makeOrder(_ number: OrderNumber, paid amount: Int64) async throws {
        let now = SystemClock().now()
        let money = Money(amount: 9_900, currency: Currency("CNY")!)!
        let trade = TradeNumber(order: number, sequence: 1)
        let page = Page(
            kind: .html, content: "<!doctype html>", terminal: .pc, openID: "", serves: [.pc], mintedAt: now,
            expiresAt: now + .seconds(300))
        let attempt = Attempt(
            number: trade, channel: Self.sandbox,
            request: StoredRequest(
                terminal: .pc, payer: .none, money: money, subject: Subject("Tea")!,
                providerDeadline: now + .seconds(1_800), notifyURL: "https://pay.example/n", returnURL: nil),
            createdAt: now, state: .open, stateSince: now, pages: [page], lastWordAt: now + .seconds(1_860))
        let draft = Order(
            number: number, userID: UserID("u1")!, money: money, subject: Subject("Tea")!, returnURL: nil,
            createdAt: now, deadline: now + .seconds(1_800), state: .new, attempts: [attempt])
        let receipt = Receipt(
            channel: Self.sandbox, tradeNumber: trade, transactionID: TransactionID("tx-\(number)")!, amount: amount,
            currencyCode: "CNY", paidAt: now, namesOurAccount: true)
        _ = try await ledger.update(number, creating: draft, at: now) { order in
            Decision(try order.settle(receipt, at: now))
        }
    }
}
