import Foundation
import PayProviders
import Testing

/// Event streams across a shutdown, a restart, and a second process.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LiveTests {
    @Test func `an open stream does not delay a shutdown, and a client resumes after the restart`() async throws {
        try await Story.run { story, sandbox, service in
            #expect(try await service.firstPay("live_on").status == 201)
            let stream = try EventLines(service, "live_on")
            let first = try await stream.firstID()
            service.process.signal(SIGTERM)
            #expect(try await service.process.waitForEnd(within: .seconds(10)) == .exited(0))
            try await stream.end()

            let next = try await story.startService(sandbox, on: service.port)
            let resumed = try EventLines(next, "live_on", lastEventID: first)
            try await sandbox.pay("live_on_1")
            // Known states are not sent again, only the payment is.
            try await poll("the payment is told") { try resumed.state() == "paid" ? () : nil }
            #expect(!resumed.ids.contains(first))
        }
    }

    @Test func `a payment that another process stores is sent to this process's streams`() async throws {
        try await Story.run { story, sandbox, first in
            #expect(try await first.firstPay("live_both").status == 201)
            let second = try await story.startService(sandbox)
            let streams = [try EventLines(first, "live_both"), try EventLines(second, "live_both")]
            for stream in streams { _ = try await stream.firstID() }
            // The provider sends its notice to only one of the two processes.
            try await sandbox.pay("live_both_1")
            for stream in streams {
                try await poll("the payment is told") { try stream.state() == "paid" ? () : nil }
            }
        }
    }

    @Test func `streams use at most half of http_connections, and other requests go on`() async throws {
        try await Story.run(["PAYPAGE_HTTP_CONNECTIONS": "8"]) { story, sandbox, service in
            #expect(try await service.firstPay("live_half").status == 201)
            var streams: [EventLines] = []
            for _ in 0..<4 {
                let stream = try EventLines(service, "live_half")
                _ = try await stream.firstID()
                streams.append(stream)
            }
            let refused = try await service.call(.get, "/v1/payments/live_half/events")
            #expect(refused.status == 429 && refused.code == "RATE_LIMITED" && refused.retryAfter != nil)
            for number in 1...8 {
                #expect(try await service.firstPay("live_other_\(number)").status == 201)
                #expect(try await service.repay("live_half").status == 200)
            }
            // All four streams are still open.
            try await sandbox.pay("live_half_1")
            for stream in streams {
                try await poll("the payment is told") { try stream.state() == "paid" ? () : nil }
            }
        }
    }
}
