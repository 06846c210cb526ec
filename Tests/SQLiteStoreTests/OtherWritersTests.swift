import GRDB
import LedgerSQL
import PayCore
import SQLiteStore
import StoreTestSupport
import Testing

@Suite struct OtherWritersTests {
    @Test func `only another connection's commit changes the number`() async throws {
        try await withScratch { scratch in
            let (ours, theirs) = (try scratch.ledger(), try scratch.ledger())
            let before = try await ours.changesByOthers()
            try await ours.put(order("order_1", fence: 1))
            _ = try await ours.order(orderNumber("order_1"))
            #expect(try await ours.changesByOthers() == before)

            try await theirs.put(order("order_2", fence: 1))
            let after = try await ours.changesByOthers()
            #expect(after != before)
            _ = try await theirs.order(orderNumber("order_1"))
            #expect(try await ours.changesByOthers() == after)
        }
    }

    @Test func `another process's rollback does not change the number`() async throws {
        try await withScratch { scratch in
            let (ours, theirs) = (try scratch.ledger(), try scratch.connection())
            let before = try await ours.changesByOthers()
            try await theirs.writeWithoutTransaction {
                try $0.execute(sql: "BEGIN IMMEDIATE; INSERT INTO readiness (id, writes) VALUES (1, 1); ROLLBACK")
            }
            #expect(try await ours.changesByOthers() == before)
        }
    }

    @Test func `an operator's command changes the number`() async throws {
        try await withScratch { scratch in
            let ours = try scratch.ledger()
            try await ours.put(order("order_1", fence: 1))
            let before = try await ours.changesByOthers()
            try await scratch.connection().write {
                try $0.execute(sql: "UPDATE orders SET updated_at = updated_at + 1")
            }
            #expect(try await ours.changesByOthers() != before)
        }
    }
}
