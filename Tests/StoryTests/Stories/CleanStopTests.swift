import Foundation
import PayProviders
import Testing

/// The files after a clean stop, and a database file that disappears.
@Suite(.serialized, .timeLimit(.minutes(2))) struct CleanStopTests {
    private static let orders = (1...12).map { "clean_stop_\($0)" }

    @Test func `after SIGTERM a copy of the database file alone has every order`() async throws {
        try await Story.run { story, sandbox, service in
            for order in Self.orders { #expect(try await service.firstPay(order).status == 201) }
            // Every kind of reader was open.
            for order in Self.orders { #expect(try await service.order(order).state == "new") }
            #expect(try await service.call(.get, "/v1/payments").status == 200)

            service.process.signal(SIGTERM)
            #expect(try await service.process.waitForEnd() == .exited(0))
            let log = try await service.process.errors.all()
            #expect(!log.contains { $0.contains("checkpoint") }, "\(log)")

            try await withFolder { folder in
                let copy = "\(folder)/copy.sqlite"
                try FileManager.default.copyItem(atPath: "\(story.folder)/paypage.sqlite", toPath: copy)
                for order in Self.orders {
                    let run = try await Paypage.run(
                        ["orders", "show", order], settings: ["PAYPAGE_DATABASE_URL": "sqlite:\(copy)"], in: folder)
                    #expect(run.end == .exited(0), "\(run.errors)")
                }
            }
        }
    }

    @Test func `a deleted database file ends readiness and pay calls, and is logged once`() async throws {
        try await Story.run { story, sandbox, service in
            #expect(try await service.firstPay("before_1").status == 201)
            try FileManager.default.removeItem(atPath: "\(story.folder)/paypage.sqlite")
            let refused = try await service.firstPay("after_1")
            #expect(refused.status == 503 && refused.code == "SERVICE_UNAVAILABLE" && refused.retryAfter != nil)
            #expect(try await sandbox.creates("before_1_1") == 1)
            try await poll("the service is not ready") { () -> Void? in
                try await service.call(.get, "/readyz").status == 503 ? () : nil
            }
            #expect(try await service.call(.get, "/healthz").status == 200)
            _ = try await service.process.errors.first("the log says so") {
                $0.contains("clock job failed") && $0.contains("deleted, moved or replaced") ? $0 : nil
            }
        }
    }
}
