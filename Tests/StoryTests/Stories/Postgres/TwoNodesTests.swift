import PayProviders
import Testing

/// Two nodes that share one PostgreSQL database.
@Suite(.serialized, .timeLimit(.minutes(2)), PostgresPrograms.needed) struct TwoNodesTests {
    private static let rounds = 20

    private func run(
        _ settings: [String: String] = [:], _ body: (Sandbox, _ nodes: [Service]) async throws -> Void
    ) async throws {
        try await PostgresCluster.run { cluster in
            try await Story.run(cluster.settings.merging(settings) { $1 }) { story, sandbox, first in
                try await body(sandbox, [first, try await story.startService(sandbox)])
            }
        }
    }

    @Test func `a page that one node created is served by the other node without a provider call`() async throws {
        try await run { sandbox, nodes in
            for round in 1...Self.rounds {
                let order = "shared_\(round)"
                let (one, other) = (nodes[round % 2], nodes[(round + 1) % 2])
                let created = try await one.firstPay(order)
                #expect(created.status == 201)
                for node in [other, one, other] {
                    let again = try await node.repay(order)
                    #expect(again.status == 200 && again.pageContent == created.pageContent, "\(order)")
                    #expect(try await node.page(order).text == created.pageContent, "\(order)")
                }
                #expect(try await sandbox.creates("\(order)_1") == 1, "\(order)")
            }
        }
    }

    @Test func `after a switch of the terminal on one node, the other node serves only the new page`() async throws {
        try await run(["PAYPAGE_SANDBOX_TRADE_SCOPE": "terminal"]) { sandbox, nodes in
            for round in 1...Self.rounds {
                let order = "switched_\(round)"
                let (one, other) = (nodes[round % 2], nodes[(round + 1) % 2])
                let old = try await one.firstPay(order).pageContent
                // The old page is in the memory of both nodes.
                for node in nodes {
                    #expect(try await node.repay(order).pageContent == old, "\(order)")
                }
                let new = try await one.repay(order, terminal: "app")
                #expect(new.pageContent != nil && new.pageContent != old, "\(order): \(new.text.prefix(300))")
                #expect(try await other.repay(order).pageContent == new.pageContent, "\(order)")
                let trades = try await sandbox.trades(of: order)
                #expect(trades.map(\.creates) == [1, 1], "\(order)")
                #expect(trades.map(\.state).sorted() == ["closed", "unpaid"], "\(order)")
            }
        }
    }

    @Test func `a close on one node ends the page on the other node at once`() async throws {
        try await run { _, nodes in
            for round in 1...Self.rounds {
                let order = "closed_\(round)"
                let (one, other) = (nodes[round % 2], nodes[(round + 1) % 2])
                #expect(try await one.firstPay(order).status == 201)
                for _ in 1...2 {
                    #expect(try await other.page(order).status == 200, "\(order)")
                }
                let closed = try await one.close(order)
                #expect(closed.status == 200, "\(order)")
                #expect(try await other.page(order).code == "PAY_PAGE_NOT_FOUND", "\(order)")
                #expect(try await other.repay(order).code == "PAY_ORDER_STATE_ERROR", "\(order)")
            }
        }
    }

    @Test func `a payment that one node stores is sent to the streams of the other node`() async throws {
        try await run { sandbox, nodes in
            #expect(try await nodes[0].firstPay("streamed").status == 201)
            let streams = try nodes.map { try EventLines($0, "streamed") }
            for stream in streams { _ = try await stream.firstID() }
            // The notice goes to the node that created the trade.
            try await sandbox.pay("streamed_1")
            for stream in streams {
                try await poll("the payment is told") { try stream.state() == "paid" ? () : nil }
            }
        }
    }

    @Test func `one key at both nodes at once makes one order`() async throws {
        try await run { sandbox, nodes in
            for round in 1...Self.rounds {
                let order = "keyed_\(round)"
                let same = try await onBoth(nodes) { node, _ in try await node.firstPay(order) }
                #expect(Set(same.compactMap(\.pageContent)).count == 1, "\(order)")
                for reply in same where reply.pageContent == nil {
                    #expect(reply.code == "PAY_IN_PROGRESS" && reply.retryAfter != nil, "\(order): \(reply.text)")
                }
                #expect(try await sandbox.trades(of: order).map(\.creates) == [1], "\(order)")

                let two = try await onBoth(nodes) { node, number in
                    try await node.firstPay("\(order)_\(number)", key: "one-key-\(round)")
                }
                #expect(two.map(\.status).sorted() == [201, 422], "\(order)")
                #expect(two.compactMap(\.code) == ["IDEMPOTENCY_KEY_REUSED"], "\(order)")
            }
        }
    }

    private func onBoth(
        _ nodes: [Service], _ call: @escaping @Sendable (Service, Int) async throws -> ProviderReply
    ) async throws -> [ProviderReply] {
        try await withThrowingTaskGroup(of: ProviderReply.self) { group in
            for (number, node) in nodes.enumerated() { group.addTask { try await call(node, number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
