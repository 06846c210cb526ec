import Foundation
import PayProviders
import Testing

/// Shops that pay, are paid, refund and close at several nodes, and note each answer that promises something.
///
/// A call that is answered with a retry time is made again, as a shop does.
final class ShopLoad: Sendable {
    /// The answers that promise something.
    struct Noted: Sendable {
        /// The page of each first pay.
        var pages: [String: String] = [:]
        var paid: Set<String> = []
        var refunded: Set<String> = []
        var closed: Set<String> = []
        /// The moment of each of these answers.
        var times: [ContinuousClock.Instant] = []
        /// The answers that told a caller to retry.
        var retries = 0
        /// Answers that no shop can go on from.
        var failures: [String] = []

        /// The longest time without a promise.
        var longestGap: Duration {
            zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .zero
        }
    }

    private let nodes: [Service]
    private let sandbox: Sandbox
    let noted = Watched(Noted())

    init(_ nodes: [Service], _ sandbox: Sandbox) {
        self.nodes = nodes
        self.sandbox = sandbox
    }

    /// The last step of an order. Each order is as likely as the next.
    private enum End: Int, CaseIterable {
        case shown, paid, refunded, closed
    }

    /// Takes this many orders to their ends, `atOnce` of them at a time.
    func run(orders: Int, atOnce: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<orders {
                if number >= atOnce { try await group.next() }
                group.addTask { [self] in try await take(number) }
            }
            try await group.waitForAll()
        }
    }

    private func take(_ number: Int) async throws {
        let order = "load_\(number)"
        let (one, other) = (nodes[number % nodes.count], nodes[(number + 1) % nodes.count])
        let created = try await answer(order, [200, 201]) { try await one.firstPay(order) }
        guard let page = created?.pageContent else { return }
        note { $0.pages[order] = page }
        switch End(rawValue: number / nodes.count % End.allCases.count) ?? .shown {
        case .shown:
            let again = try await answer(order, [200]) { try await other.repay(order) }
            expect(again?.pageContent == page, "\(order): another page")
        case .paid:
            try await bePaid(order, at: other)
        case .refunded:
            try await bePaid(order, at: other)
            let refund = try await answer(order, [200, 201, 202]) { try await one.refund(order) }
            if refund != nil { note { $0.refunded.insert(order) } }
        case .closed:
            let closed = try await answer(order, [200]) { try await other.close(order) }
            if closed != nil { note { $0.closed.insert(order) } }
        }
    }

    private func bePaid(_ order: String, at node: Service) async throws {
        expect(try await sandbox.press("\(order)_1"), "\(order): the sandbox refuses the payment")
        try await poll("\(order) is paid", within: .seconds(60)) { () -> Void? in
            let reply = try await node.call(.get, "/v1/payments/\(order)")
            guard reply.status == 200 else { return nil }
            return try reply.read(OrderView.self).state == "paid" ? () : nil
        }
        note { $0.paid.insert(order) }
    }

    /// The first answer without a retry time. Nil if it has none of these statuses.
    private func answer(
        _ order: String, _ expected: Set<Int>, _ call: @escaping @Sendable () async throws -> ProviderReply
    ) async throws -> ProviderReply? {
        try await within(.seconds(60), "\(order) is answered") { [self] in
            while true {
                let reply = try await call()
                if expected.contains(reply.status) { return reply }
                guard let pause = reply.retryAfter else {
                    expect(false, "\(order): \(reply.status) \(reply.text.prefix(200))")
                    return nil
                }
                noted.update { $0.retries += 1 }
                try await Task.sleep(for: .seconds(pause))
            }
        }
    }

    private func note(_ change: (inout Noted) -> Void) {
        noted.update { noted in
            change(&noted)
            noted.times.append(.now)
        }
    }

    private func expect(_ holds: Bool, _ failure: String) {
        guard !holds else { return }
        noted.update { $0.failures.append(failure) }
    }
}

extension Service {
    /// The merchant refunds the whole payment.
    func refund(_ order: String) async throws -> ProviderReply {
        try await call(
            .post, "/v1/payments/\(order)/refunds", key: "refund-\(order)",
            json: #"{"amount":9900,"reason":"returned"}"#)
    }
}

extension ShopLoad.Noted {
    /// The promises that the books don't keep, one per line.
    func broken(in books: Books) -> [String] {
        let orders = Dictionary(uniqueKeysWithValues: books.orders.map { ($0.out_trade_no, $0) })
        var lines = pages.keys.filter { orders[$0] == nil }.map { "\($0): the first pay is lost" }
        lines += paid.filter { orders[$0]?.state != "paid" }.map { "\($0): the payment is lost" }
        lines += closed.filter { orders[$0]?.state != "closed" }.map { "\($0): the close is lost" }
        lines += refunded.filter { orders[$0]?.refunds.count != 1 }.map { "\($0): the refund is lost" }
        return lines.sorted()
    }
}
