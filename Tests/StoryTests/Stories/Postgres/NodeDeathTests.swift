import PayProviders
import Testing

/// One of two nodes on a PostgreSQL database is killed at work.
@Suite(.serialized, .timeLimit(.minutes(2)), PostgresPrograms.needed) struct NodeDeathTests {
    private static let channels = ["sandbox", "sandbox2"]

    @Test func `when a node is killed, the other node finishes its orders, and each call to a provider is made once`()
        async throws
    {
        let shop = try Shop()
        let settings = shop.settings.merging(["PAYPAGE_SANDBOX_CHANNELS": Self.channels.joined(separator: ",")]) { $1 }
        try await PostgresCluster.run { cluster in
            try await Story.run(cluster.settings.merging(settings) { $1 }) { story, sandbox, dying in
                let other = try await story.startService(sandbox)
                // A page whose buyer pays when the node that created it is gone.
                #expect(try await dying.firstPay("left_paid").status == 201)
                // A page that the other node knows.
                let page = try await dying.firstPay("left_open").pageContent
                #expect(try await other.repay("left_open").pageContent == page)
                // A create whose answer comes to nobody.
                try await sandbox.plan([(channel: "sandbox2", fault: .lost)])
                async let lost = try? dying.firstPay("left_creating", channel: "sandbox2")
                try await sandbox.faultsBegan()
                try await dying.crash()
                #expect(await lost?.status ?? 504 == 504)

                #expect(try await sandbox.press("left_paid_1"))
                #expect(try await other.repay("left_open").pageContent == page)
                let found = try await other.goOnUntilPaged("left_creating", channel: "sandbox2")
                #expect(found.status == 200)

                let books = try await Books.agree(other, sandbox)
                #expect(books.orders.map(\.attemptStates) == [["_1 open"], ["_1 open"], ["_1 paid"]])
                #expect(try await sandbox.creates("left_open_1") == 1)
                #expect(try await sandbox.creates("left_paid_1") == 1)
                // The answer of its create was lost, and the same number was asked for again.
                #expect(try await sandbox.creates("left_creating_1") == 2)
                let told = try await shop.messages(1)
                #expect(Set(told.map(\.id)).count == 1)
                #expect(told.first?.body?.type == "order.paid")
            }
        }
    }

    @Test func `a webhook that a killed node was sending is sent by the other node with the same id`() async throws {
        let shop = try Shop()
        try await PostgresCluster.run { cluster in
            try await Story.run(cluster.settings.merging(shop.settings) { $1 }) { story, sandbox, dying in
                shop.behave(.hangs)
                #expect(try await dying.firstPay("left_untold").status == 201)
                #expect(try await sandbox.press("left_untold_1"))
                let first = try await shop.messages(1)[0]
                shop.behave(.answers(200))
                try await dying.crash()
                let other = try await story.startService(sandbox)
                let again = try await shop.messages(2)[1]
                #expect(again.id == first.id && again.bytes == first.bytes)
                #expect(try await Books.agree(other, sandbox).orders.map(\.attemptStates) == [["_1 paid"]])
            }
        }
    }
}
