import GRDB
import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore
import StoreTestSupport
import Testing

@Suite struct OtherWritersTests {
    @Test func `only another connection's commit changes the number`() async throws {
        try await withScratch { scratch in
            let (ours, theirs) = (try scratch.ledger(), try scratch.ledger())
            let before = try await ours.commitsOfOthers()
            try await ours.put(order("order_1", fence: 1))
            _ = try await ours.order(orderNumber("order_1"))
            #expect(try await ours.commitsOfOthers() == before)

            try await theirs.put(order("order_2", fence: 1))
            let after = try await ours.commitsOfOthers()
            #expect(after != before)
            _ = try await theirs.order(orderNumber("order_1"))
            #expect(try await ours.commitsOfOthers() == after)
        }
    }

    @Test func `another process's rollback does not change the number`() async throws {
        try await withScratch { scratch in
            let (ours, theirs) = (try scratch.ledger(), try scratch.connection())
            let before = try await ours.commitsOfOthers()
            try await theirs.writeWithoutTransaction {
                try $0.execute(sql: "BEGIN IMMEDIATE; INSERT INTO readiness (id, writes) VALUES (1, 1); ROLLBACK")
            }
            #expect(try await ours.commitsOfOthers() == before)
        }
    }

    @Test func `any order may have changed at first, and after a commit of another process`() async throws {
        try await withScratch { scratch in
            let (ours, theirs) = (try scratch.ledger(), try scratch.ledger())
            let watched = [orderNumber("order_1")]
            #expect(try await ours.changes(of: watched) == .any)
            try await ours.put(order("order_1", fence: 1))
            #expect(try await ours.changes(of: watched) == .none)
            try await theirs.put(order("order_2", fence: 1))
            #expect(try await ours.changes(of: watched) == .any)
            #expect(try await ours.changes(of: watched) == .none)
        }
    }

    @Test func `an operator's command changes the number`() async throws {
        try await withScratch { scratch in
            let ours = try scratch.ledger()
            try await ours.put(order("order_1", fence: 1))
            let before = try await ours.commitsOfOthers()
            try await scratch.connection().write {
                try $0.execute(sql: "UPDATE orders SET updated_at = updated_at + 1")
            }
            #expect(try await ours.commitsOfOthers() != before)
        }
    }
}
