import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import Synchronization
import Testing

@testable import SandboxServer

/// Rows that a bill handed over.
final class TakenRows: Sendable {
    private let rows = Mutex<[BillRow]>([])

    var all: [BillRow] { rows.withLock { $0 } }

    func take(_ batch: [BillRow]) { rows.withLock { $0 += batch } }
}

/// The sandbox's bill over real HTTP, read by its adapter.
@Suite(.timeLimit(.minutes(1))) struct SandboxBillTests {
    /// The day of ``Sample/now``, 18:00 in China.
    private static let day = BillDay(containing: Sample.now)

    private func bill(
        of day: BillDay = day, on channel: String = "sandbox", secret: Secret = SandboxWorld.secret,
        _ world: SandboxWorld
    ) async throws -> (BillAnswer, [BillRow]) {
        let provider = SandboxProvider(
            SandboxConfiguration(
                channel: Channel(channel)!, baseURL: world.base, secret: secret, pageTTL: .seconds(7_200),
                pcKind: .html, tradeScope: .order),
            transport: GuardedTransport(world.transport, clock: world.clock), clock: world.clock,
            downloads: FileDownloader(folder: "/tmp", connectTimeout: .seconds(50)))
        let rows = TakenRows()
        let bills = try #require(provider.bills)
        let answer = try await bills.bill(of: day) { rows.take($0) }
        return (answer, rows.all)
    }

    /// Pays a trade of 9,900 and refunds 4,000 of it a minute later.
    private func payAndRefund(_ number: String = "20261122_0001_1", on world: SandboxWorld) async throws -> String {
        let books = world.sandbox.books
        _ = try await books.create(
            Sample.particulars(number: number, deadline: world.clock.now() + .seconds(1_800)), at: world.clock.now()
        ).get()
        guard case .paid(_, let payment, _) = await books.pay(number, at: world.clock.now()) else {
            throw SandboxWorldError(description: "not paid")
        }
        world.clock.advance(by: .seconds(60))
        let refund = SandboxWire.Refund(
            channel: "sandbox", tradeNumber: number, transactionID: payment.transactionID,
            refundNumber: "\(number)_m1", amount: 4_000, currency: "CNY")
        guard case .made = await books.refund(refund, at: world.clock.now()) else {
            throw SandboxWorldError(description: "not refunded")
        }
        return payment.transactionID
    }

    @Test func `the sandbox's bill has a row for each payment and each refund of the day`() async throws {
        try await withSandbox { world in
            let transaction = try await payAndRefund(on: world)
            world.clock.advance(by: .seconds(86_400))
            let (answer, rows) = try await bill(world)
            guard case .bill(let file) = answer else { throw SandboxWorldError(description: "\(answer)") }
            #expect(file.rows == 2)
            #expect(file.digest.utf8.count == 64)
            #expect(
                rows == [
                    .line(
                        BillLine(
                            row: 1, kind: .payment, status: .succeeded, tradeNumber: "20261122_0001_1",
                            transactionID: transaction, amount: 9_900, currencyCode: "CNY", feeMicros: nil,
                            at: Sample.now)),
                    .line(
                        BillLine(
                            row: 2, kind: .refund, status: .succeeded, tradeNumber: "20261122_0001_1",
                            transactionID: transaction, refundNumber: "20261122_0001_1_m1", amount: 4_000,
                            currencyCode: "CNY", feeMicros: nil, at: Sample.now + .seconds(60))),
                ])
            let (again, _) = try await bill(world)
            #expect(again == answer)
        }
    }

    @Test func `the sandbox's bill ends with its day in China`() async throws {
        try await withSandbox { world in
            // A millisecond before midnight in China; the refund comes a minute later.
            world.clock.advance(by: Self.day.end - Sample.now - .milliseconds(1))
            _ = try await payAndRefund(on: world)
            world.clock.advance(by: .seconds(2 * 86_400))
            #expect(try await bill(world).1.map(\.kind) == [.payment])
            #expect(try await bill(of: Self.day.next, world).1.map(\.kind) == [.refund])
        }
    }

    @Test func `a sandbox day that is not over has no bill yet, and a day without money has none`() async throws {
        try await withSandbox { world in
            #expect(try await bill(of: Self.day.previous, world).0 == .noneThatDay)
            _ = try await payAndRefund(on: world)
            world.clock.advance(by: Self.day.end - world.clock.now() - .milliseconds(1))
            #expect(try await bill(world).0 == .notReady(reason: "BILL_NOT_READY"))
            world.clock.advance(by: .milliseconds(1))
            #expect(try await bill(world).1.count == 2)
            #expect(try await bill(on: "sandbox2", world).0 == .noneThatDay)
        }
    }

    @Test func `an early sandbox bill shows the day so far, and a bill can miss a line`() async throws {
        try await withSandbox { world in
            _ = try await payAndRefund(on: world)
            try await world.setFaults(#"[{"operation": "bill", "fault": "early"}]"#)
            #expect(try await bill(world).1.map(\.kind) == [.payment, .refund])
            #expect(try await bill(world).0 == .notReady(reason: "BILL_NOT_READY"))
            world.clock.advance(by: .seconds(86_400))
            try await world.setFaults(#"[{"operation": "bill", "fault": "missing_line"}]"#)
            #expect(try await bill(world).1.map(\.kind) == [.payment])
        }
    }

    @Test(arguments: [
        ("refused", BillAnswer.refused(reason: "REFUSED")), ("error", .unknown(.answered(.serverError))),
        ("garbage", .unknown(.answered(.signature))),
    ])
    func `a fault of the sandbox's bill hands nothing over`(_ fault: String, _ expected: BillAnswer) async throws {
        try await withSandbox { world in
            _ = try await payAndRefund(on: world)
            world.clock.advance(by: .seconds(86_400))
            try await world.setFaults(#"[{"operation": "bill", "fault": "\#(fault)"}]"#)
            let (answer, rows) = try await bill(world)
            #expect(answer == expected)
            #expect(rows == [])
        }
    }

    @Test func `a sandbox bill of another secret is not believed`() async throws {
        try await withSandbox { world in
            _ = try await payAndRefund(on: world)
            world.clock.advance(by: .seconds(86_400))
            let (answer, rows) = try await bill(secret: Secret("another secret of the same length, or so"), world)
            #expect(answer == .unknown(.answered(.signature)))
            #expect(rows == [])
        }
    }

    private struct FullDisk: Error {}

    @Test func `an error of the receiver ends the sandbox's bill`() async throws {
        try await withSandbox { world in
            _ = try await payAndRefund(on: world)
            world.clock.advance(by: .seconds(86_400))
            let bills = SandboxProvider(
                SandboxConfiguration(
                    channel: Channel("sandbox")!, baseURL: world.base, secret: SandboxWorld.secret,
                    pageTTL: .seconds(7_200), pcKind: .html, tradeScope: .order),
                transport: GuardedTransport(world.transport, clock: world.clock), clock: world.clock,
                downloads: FileDownloader(folder: "/tmp", connectTimeout: .seconds(50))
            ).bills
            await #expect(throws: FullDisk.self) {
                _ = try await #require(bills).bill(of: Self.day) { _ in throw FullDisk() }
            }
        }
    }
}

extension BillRow {
    fileprivate var kind: BillLine.Kind? {
        if case .line(let line) = self { line.kind } else { nil }
    }
}
