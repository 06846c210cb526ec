import Foundation
import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore
import Testing

@testable import paypage

/// The check of each channel's provider type at the start.
struct ChannelTypesTests {
    private let shop = Channel("shop")!

    private func list(_ kind: ProviderKind) -> ChannelList {
        ChannelList([.init(shop, kind), .init(Channel("wechat")!, .wechat)])
    }

    private func withLedger(_ body: (SQLiteLedger) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("paypage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(try SQLiteLedger(path: folder.appendingPathComponent("paypage.sqlite").path))
    }

    /// An order with one attempt at the shop's channel.
    private func storeAttempt(in ledger: SQLiteLedger) async throws {
        let now = Instant(milliseconds: 1_795_348_800_000)
        let number = OrderNumber("order_1")!
        let money = Money(amount: 100, currency: Currency("CNY")!)!
        func order(_ attempts: [Attempt]) -> Order {
            Order(
                number: number, userID: UserID("u1")!, money: money, subject: Subject("tea")!, returnURL: nil,
                createdAt: now, deadline: now + .seconds(1_800), attempts: attempts)
        }
        let request = StoredRequest(
            terminal: .pc, payer: .none, money: money, subject: Subject("tea")!,
            providerDeadline: now + .seconds(1_800),
            notifyURL: "https://pay.example/v1/notices/shop", returnURL: nil)
        let attempt = Attempt(
            number: TradeNumber(order: number, sequence: 1), channel: shop, request: request, createdAt: now,
            state: .closed, stateSince: now, lastWordAt: now)
        let wanted = order([attempt])
        _ = try await ledger.update(number, creating: order([]), at: now) { stored in
            stored = wanted
            return Decision(true)
        }
    }

    @Test func `a start stores the types, and later starts with the same types pass`() async throws {
        try await withLedger { ledger in
            try await ChannelTypes(ledger, list(.alipay)).keep()
            try await storeAttempt(in: ledger)
            try await ChannelTypes(ledger, list(.alipay)).keep()
            try await ChannelTypes(ledger, list(.alipay)).check()
            #expect(try await ledger.channelKinds() == [shop: .alipay, Channel("wechat")!: .wechat])
        }
    }

    @Test func `another type for a name with attempts is refused, with both types and the remedy`() async throws {
        try await withLedger { ledger in
            try await ChannelTypes(ledger, list(.alipay)).keep()
            try await storeAttempt(in: ledger)
            let words = """
                channel shop is configured for the provider stripe, but its stored attempts are at alipay; configure shop for \
                alipay again, and give the account at stripe another name
                """
            for check in [ChannelTypes.keep, ChannelTypes.check] {
                let refusal = await #expect(throws: CommandFailure.self) {
                    try await check(ChannelTypes(ledger, list(.stripe)))()
                }
                #expect(refusal?.description == words)
            }
            #expect(try await ledger.channelKinds()[shop] == .alipay)
        }
    }

    @Test func `a name without attempts takes another type, and a command alone stores nothing`() async throws {
        try await withLedger { ledger in
            try await ChannelTypes(ledger, list(.alipay)).keep()
            try await ChannelTypes(ledger, list(.stripe)).check()
            #expect(try await ledger.channelKinds()[shop] == .alipay)
            try await ChannelTypes(ledger, list(.stripe)).keep()
            #expect(try await ledger.channelKinds()[shop] == .stripe)
        }
    }
}
