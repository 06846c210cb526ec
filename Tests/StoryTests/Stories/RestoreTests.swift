import Foundation
import PayProviders
import Testing

/// A copy of the database goes live after the service is lost.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RestoreTests {
    private static let operatorName = ["--by", "operator"]

    private func paypage(_ arguments: [String], _ story: Story, database: String) async throws -> Paypage.Run {
        try await Paypage.run(
            arguments, settings: ["PAYPAGE_DATABASE_URL": "sqlite:\(story.folder)/\(database)"], in: story.folder)
    }

    @Test func `a copy made under load goes live: no number is used twice, and lost payments are found`() async throws {
        try await Story.run { story, sandbox, service in
            let copy = "\(story.folder)/copy.sqlite"
            // Given a copy that is made while buyers open pages.
            #expect(try await service.firstPay("known_1").status == 201)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for index in 0..<40 {
                        let status = try await service.firstPay("load_\(index)").status
                        #expect(status == 201)
                    }
                }
                let run = try await paypage(["backup", copy] + Self.operatorName, story, database: "paypage.sqlite")
                #expect(run.end == .exited(0), "\(run.errors)")
                try await tasks.waitForAll()
            }
            let again = try await paypage(["backup", copy] + Self.operatorName, story, database: "paypage.sqlite")
            #expect(again.end != .exited(0), "a copy is not replaced")

            // When the service works on, buyers pay, and the host is lost.
            #expect(try await service.firstPay("lost_1").status == 201)
            try await sandbox.pay("known_1_1")
            try await poll("the payment is known") { () -> Void? in
                try await service.order("known_1").state == "paid" ? () : nil
            }
            try await service.crash()

            // A copy is checked, and never replaces a database.
            let check = try await paypage(["restore", copy, "--check"], story, database: "paypage.sqlite")
            #expect(check.end == .exited(0) && check.output.contains("attempts that may take money"))
            let refused = try await paypage(["restore", copy] + Self.operatorName, story, database: "paypage.sqlite")
            #expect(refused.end != .exited(0) && refused.errors.contains("never replaces a database"))
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.moveItem(
                    atPath: "\(story.folder)/paypage.sqlite\(suffix)", toPath: "\(story.folder)/lost.sqlite\(suffix)")
            }
            let restored = try await paypage(["restore", copy] + Self.operatorName, story, database: "paypage.sqlite")
            #expect(restored.end == .exited(0), "\(restored.errors)")
            let live = try await story.startService(sandbox, on: service.port)

            // Then the payment of the lost time is found by a query,
            try await poll("the payment is found") { () -> Void? in
                try await live.order("known_1").state == "paid" ? () : nil
            }
            // a lost order is made again under a new number, and its old page still pays it,
            #expect(try await live.orderIfAny("lost_1") == nil)
            #expect(try await live.firstPay("lost_1", key: "again").status == 201)
            #expect(try await live.attempts("lost_1").map { $0.prefix(3) } == ["_21"])
            #expect(try await sandbox.creates("lost_1_1") == 1)
            try await sandbox.pay("lost_1_1")
            try await poll("the old page's payment is found") { () -> Void? in
                try await live.order("lost_1").state == "paid" ? () : nil
            }
            // and the audit has the restore.
            let audit = try await paypage(["audit"], story, database: "paypage.sqlite")
            #expect(audit.output.contains("database.restore"), "\(audit.output)")
        }
    }
}
