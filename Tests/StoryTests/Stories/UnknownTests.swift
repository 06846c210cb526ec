import Foundation
import PayProviders
import Testing

/// The result of each fault of a provider: for the caller, in the books, and for the next call.
@Suite(.serialized, .timeLimit(.minutes(2))) struct UnknownTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let fault: Fault
        let status: Int
        let code: String?
        /// The range of `Retry-After` in seconds; nil for none.
        let retryAfter: ClosedRange<Int>?
        let attempts: [String]
        /// The answer to a repay at once.
        let next: Next
        /// The sandbox's trades at the end, with the number of creates of each.
        let trades: [String: Int]

        enum Next: Sendable {
            case hit
            case page
            /// 504 until the lease has expired, then a page.
            case pageAfterLease
        }

        var testDescription: String { "\(fault)" }
    }

    /// A lease is the time-out of one second plus two more. A call without an answer keeps it until it expires.
    private static let leaseLeft = 1...3

    static let table = [
        Row(
            fault: .timeout, status: 504, code: "PAY_PROVIDER_UNKNOWN", retryAfter: leaseLeft,
            attempts: ["_1 creating"], next: .pageAfterLease, trades: ["_1": 1]),
        Row(
            fault: .lost, status: 504, code: "PAY_PROVIDER_UNKNOWN", retryAfter: leaseLeft,
            attempts: ["_1 creating"], next: .pageAfterLease, trades: ["_1": 2]),
        Row(
            fault: .slow(milliseconds: 1_800), status: 504, code: "PAY_PROVIDER_UNKNOWN", retryAfter: leaseLeft,
            attempts: ["_1 creating"], next: .pageAfterLease, trades: ["_1": 2]),
        Row(
            fault: .slow(milliseconds: 200), status: 201, code: nil, retryAfter: nil,
            attempts: ["_1 open"], next: .hit, trades: ["_1": 1]),
        Row(
            fault: .error, status: 504, code: "PAY_PROVIDER_UNKNOWN", retryAfter: 1...1,
            attempts: ["_1 creating"], next: .page, trades: ["_1": 1]),
        Row(
            fault: .garbage, status: 504, code: "PAY_PROVIDER_UNKNOWN", retryAfter: 1...1,
            attempts: ["_1 creating"], next: .page, trades: ["_1": 2]),
        Row(
            fault: .refused, status: 502, code: "PAY_ORDER_FAIL", retryAfter: nil,
            attempts: ["_1 failed"], next: .page, trades: ["_2": 1]),
    ]

    @Test(arguments: table)
    func `each fault has its answer and its state, and the next call its outcome`(_ row: Row) async throws {
        try await Story.run { _, sandbox, service in
            let order = "unknown"
            try await sandbox.plan(row.fault)
            let first = try await service.firstPay(order)
            #expect(first.status == row.status)
            #expect(first.code == row.code)
            if let allowed = row.retryAfter {
                #expect(first.retryAfter.map(allowed.contains) == true, "Retry-After: \(first.retryAfter ?? -1)")
            } else {
                #expect(first.header("Retry-After") == nil)
            }
            #expect(try await service.attempts(order) == row.attempts)

            try await expectNext(row.next, order, service)

            let number = row.trades.keys.first ?? ""
            #expect(try await service.order(order).attempts.last == .init(trade_no: order + number, state: "open"))
            let trades = try await sandbox.trades(of: order)
            let made = trades.map { (String($0.trade_no.dropFirst(order.count)), $0.creates) }
            #expect(Dictionary(uniqueKeysWithValues: made) == row.trades)
        }
    }

    private func expectNext(_ next: Row.Next, _ order: String, _ service: Service) async throws {
        let reply = try await service.repay(order)
        switch next {
        case .hit:
            #expect(reply.status == 200 && reply.cacheStatus?.hasPrefix("paypage; hit") == true)
        case .page:
            #expect(reply.status == 200 && reply.cacheStatus == "paypage; fwd=uri-miss; stored")
        case .pageAfterLease:
            #expect(reply.status == 504 && reply.code == "PAY_PROVIDER_UNKNOWN")
            #expect(reply.retryAfter.map(Self.leaseLeft.contains) == true)
            let later = try await service.repayUntilPaged(order)
            #expect(later.status == 200 && later.cacheStatus == "paypage; fwd=uri-miss; stored")
        }
    }

    @Test func `a provider that is unreachable refuses nothing, and uses up no attempt`() async throws {
        try await Story.run { story in
            let (provider, sandbox) = try await story.startSandbox()
            let service = try await story.startService(sandbox)
            provider.signal(SIGKILL)
            _ = try await provider.waitForEnd()
            for _ in 1...3 {
                let reply = try await service.firstPay("nobody_there")
                #expect(reply.status == 503 && reply.code == "PAY_PROVIDER_UNAVAILABLE")
                #expect(reply.retryAfter == 1)
            }
            #expect(try await service.attempts("nobody_there") == ["_1 creating"])
            _ = try await service.process.errors.first("the log says so") {
                $0.contains("provider call was not sent") ? $0 : nil
            }
        }
    }
}
