import Foundation
import GRDB
import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

/// While the database is unavailable, callers are told to retry, and nothing is acknowledged.
@Suite(.timeLimit(.minutes(5))) struct OutageTests {
    private static let reasons = LedgerUnavailable.Reason.allCases

    @Test(arguments: reasons) func `during a database outage, every call gets a 503 with Retry-After`(
        reason: LedgerUnavailable.Reason
    ) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.ledger.setFailure(LedgerUnavailable(reason))
            let number = Sample.number
            let answers = [
                try await service.client.pay(Sample.body("20261122_0002"), key: "key-2"),
                try await service.client.repay(number, ["terminal": "h5", "fresh": true]),
                try await service.client.order(), try await service.client.page(), try await service.client.close(),
                try await service.client.get("/v1/payments"),
                try await service.client.get("/v1/payments/\(number)/events"),
            ]
            for answer in answers { expectProblem(answer, 503, "SERVICE_UNAVAILABLE", retryAfter: "5") }
            service.ledger.setFailure(nil)
            #expect(try await service.client.pay(Sample.body("20261122_0002"), key: "key-2").status == 201)
        }
    }

    @Test func `during a database outage, a notice is not acknowledged, and its repetition is stored`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.ledger.setFailure(LedgerUnavailable(.full))
            expectProblem(
                try await service.send(service.notice()), 503, "SERVICE_UNAVAILABLE", retryAfter: "5")
            #expect(service.log.all.contains { $0.contains("provider notice not stored, provider will resend") })
            service.ledger.setFailure(nil)
            #expect(try await service.send(service.notice()).status == 200)
            #expect(try await service.client.order().json["state"] == "paid")
        }
    }

    @Test func `during a database outage, a buyer gets an HTML page`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            service.ledger.setFailure(LedgerUnavailable(.busy))
            for answer in [try await shopper.look(), try await shopper.press("sandbox", terminal: "h5")] {
                #expect(answer.status == 503)
                #expect(answer.state == "broken")
                #expect(answer.header("Retry-After") == "5")
                #expect(answer.header("Content-Type")?.hasPrefix("text/html") == true)
            }
            #expect(service.log.all.contains { $0.contains("request failed, database unavailable") })
        }
    }

    @Test
    func `while another process holds the write lock, pays are 503, a stored page is served, and no provider called`()
        async throws
    {
        try await withService(TestSetup(busyLimit: .milliseconds(20))) { service in
            _ = try await service.client.pay()
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: service.databasePath, configuration: configuration)
            try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
            let second = Sample.body("20261122_0002")
            expectProblem(
                try await service.client.pay(second, key: "key-2"), 503, "SERVICE_UNAVAILABLE", retryAfter: "5")
            let ready = try await service.client.get("/readyz", as: .nobody)
            expectProblem(ready, 503, "NOT_READY", retryAfter: "5")
            #expect(ready.json["detail"] == "the database is locked by another process")
            #expect(try await service.client.repay().status == 200)
            #expect(try await service.tradeCount() == 1)
            try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
            #expect(try await service.client.pay(second, key: "key-2").status == 201)
        }
    }

    @Test func `after the database file is deleted, neither pay calls nor cached pages succeed`() async throws {
        try await withService(TestSetup(comparesLanes: false)) { service in
            _ = try await service.client.pay()
            for _ in 1...3 { #expect(try await service.client.repay().status == 200) }
            #expect(try await service.client.get("/readyz", as: .nobody).status == 200)
            try FileManager.default.removeItem(atPath: service.databasePath)
            service.clock.advance(by: .seconds(1))
            let ready = try await service.client.get("/readyz", as: .nobody)
            expectProblem(ready, 503, "NOT_READY", retryAfter: "5")
            let second = Sample.body("20261122_0002")
            for answer in [
                try await service.client.repay(), try await service.client.pay(second, key: "key-2"),
                try await service.send(service.notice()), try await service.client.order(),
            ] { expectProblem(answer, 503, "SERVICE_UNAVAILABLE", retryAfter: "5") }
            #expect(try await service.tradeCount() == 1)
        }
    }
}

/// The readiness check writes, at most once a second.
@Suite(.timeLimit(.minutes(5))) struct ReadinessTests {
    @Test func `readiness checks within a second share one write`() async throws {
        try await withService { service in
            let answers = try await concurrently(20) { _ in try await service.client.get("/readyz", as: .nobody) }
            #expect(answers.allSatisfy { $0.status == 200 })
            #expect(service.ledger.writableChecks == 1)
            service.clock.advance(by: .milliseconds(999))
            _ = try await service.client.get("/readyz", as: .nobody)
            #expect(service.ledger.writableChecks == 1)
            service.clock.advance(by: .milliseconds(1))
            _ = try await service.client.get("/readyz", as: .nobody)
            #expect(service.ledger.writableChecks == 2)
        }
    }

    @Test func `a clock that is set back does not extend a readiness result`() async throws {
        try await withService { service in
            _ = try await service.client.get("/readyz", as: .nobody)
            service.clock.advance(by: .seconds(-3_600))
            _ = try await service.client.get("/readyz", as: .nobody)
            #expect(service.ledger.writableChecks == 2)
        }
    }
}
