import Foundation
import PayProviders
import Testing

/// The primary of two nodes dies or hangs, and its standby is promoted.
@Suite(.serialized, .timeLimit(.minutes(4)), PostgresPrograms.needed) struct FailoverTests {
    /// A call that takes long is not a call without an answer.
    private static let settings = ["PAYPAGE_PROVIDER_TIMEOUT": "20s"]
    private static let orders = 240
    private static let atOnce = 12

    @Test func `a promise that was given before the primary was killed is kept by the promoted standby`() async throws {
        try await Crowd.alone {
            try await PostgresCluster.run { cluster in
                try await Story.run(cluster.settings.merging(Self.settings) { $1 }) { story, sandbox, first in
                    let nodes = [first, try await story.startService(sandbox)]
                    let load = ShopLoad(nodes, sandbox)
                    async let ran: Void = load.run(orders: Self.orders, atOnce: Self.atOnce)
                    try await load.noted.first("a third is promised", within: .seconds(60)) {
                        $0.pages.count >= Self.orders / 3 ? () : nil
                    }
                    try await cluster.primary.kill()
                    try await cluster.standby.promote()
                    try await ran
                    try await expectKept(load.noted.now, nodes, sandbox)
                }
            }
        }
    }

    private func expectKept(_ noted: ShopLoad.Noted, _ nodes: [Service], _ sandbox: Sandbox) async throws {
        #expect(noted.failures == [])
        #expect(noted.pages.count == Self.orders)
        for node in nodes {
            let books = try await Books.agree(node, sandbox)
            let broken = noted.broken(in: books)
            print("failover: \(noted.told), \(broken.count) lost")
            #expect(broken == [])
            #expect(books.orders.count == Self.orders)
            let trades = books.trades.values.flatMap { $0 }
            // One create for the life of a page, whatever became of the answer's commit.
            #expect(trades.filter { $0.creates != 1 }.map(\.trade_no) == [])
            #expect(trades.count == Self.orders)
        }
        for (order, page) in noted.pages where !noted.paid.contains(order) && !noted.closed.contains(order) {
            for node in nodes {
                #expect(try await node.repay(order).pageContent == page, "\(order)")
            }
        }
    }

    /// The old primary never hears that it was replaced: its failover manager should have fenced it.
    @Test func `a page that ended on the new primary is never served from the old primary, which thaws`() async throws {
        try await PostgresCluster.run { cluster in
            try await Story.run(cluster.settings) { story, sandbox, cut in
                let other = try await story.startService(sandbox)
                let orders = (1...5).map { "thawed_\($0)" }
                for order in orders {
                    #expect(try await cut.firstPay(order).status == 201)
                    #expect(try await cut.page(order).status == 200)
                }
                // This node and the primary know nothing of what comes.
                cut.process.signal(SIGSTOP)
                cluster.primary.freeze()
                try await cluster.standby.promote()
                for order in orders {
                    try await poll("\(order) is closed", within: .seconds(60)) {
                        try await other.close(order).status == 200 ? () : nil
                    }
                }
                cluster.primary.thaw()
                cut.process.signal(SIGCONT)
                // All at once: a call waits for a primary for some seconds before it is told to retry.
                let replies = try await everyCall(cut, orders)
                #expect(replies.count == 2 * orders.count)
                for (order, reply) in replies {
                    #expect(reply.status != 200, "\(order): a page that had ended")
                    #expect(reply.code.map(Self.ended.contains) == true || reply.retryAfter != nil, "\(reply.text)")
                }
                try await cluster.primary.kill()
                for order in orders {
                    try await poll("this node finds the new primary", within: .seconds(60)) {
                        try await cut.page(order).code == "PAY_PAGE_NOT_FOUND" ? () : nil
                    }
                    #expect(try await sandbox.trades(of: order).map(\.state) == ["closed"], "\(order)")
                }
            }
        }
    }
}

extension FailoverTests {
    /// The answers about an order that has no page any more.
    fileprivate static let ended: Set = ["PAY_PAGE_NOT_FOUND", "PAY_ORDER_STATE_ERROR"]

    /// The answers to both calls that serve a stored page, for each order.
    fileprivate func everyCall(
        _ node: Service, _ orders: [String]
    ) async throws -> [(order: String, reply: ProviderReply)] {
        try await withThrowingTaskGroup(of: (order: String, reply: ProviderReply).self) { group in
            for order in orders {
                group.addTask { (order, try await node.page(order)) }
                group.addTask { (order, try await node.repay(order)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

extension ShopLoad.Noted {
    /// A summary of the run for its readers.
    fileprivate var told: String {
        let gap = longestGap / .milliseconds(1)
        return """
            \(pages.count) first pays, \(paid.count) payments, \(refunded.count) refunds and \(closed.count) closes \
            acknowledged, \(retries) calls told to retry, the longest gap \(Int(gap)) ms
            """
    }
}
