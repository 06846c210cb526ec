import LedgerSQL
import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import SQLiteStore
import ServiceTestSupport
import Testing
import Yams

/// The entries of the audit, by the routes that change something.
@Suite(.timeLimit(.minutes(5))) struct AuditRouteTests {
    /// Every call of the API that changes something, with the actions that it leaves; nil for a call that leaves no entry,
    /// because it is no change by hand.
    private static let actions: [String: [AuditAction]?] = [
        "POST /v1/payments": nil,
        "POST /v1/payments/{out_trade_no}/repay": nil,
        "POST /checkout/{token}": nil,
        "POST /checkout/{token}/repay": nil,
        "POST /v1/notices/{channel}": nil,
        "POST /v1/payments/{out_trade_no}/close": [.orderClosed],
        "POST /v1/payments/{out_trade_no}/refunds": [.refundRequested],
        "POST /v1/payments/{out_trade_no}/refunds/{refund_no}/retry": [.refundRetried],
        "POST /v1/payments/{out_trade_no}/disputes/{transaction_id}/accept": [.disputeAccepted],
        "POST /v1/payments/{out_trade_no}/disputes/{transaction_id}/refund": [.disputeRefunded],
        "POST /v1/reconciliations/differences/{id}/explain": [.differenceExplained],
        "POST /v1/reconciliations/differences/{id}/close": [.differenceClosed],
        "POST /v1/deliveries/{id}/resend": [.deliveryResent],
        "POST /v1/webhooks/test": [.webhookTested],
    ]

    private func entries(_ service: TestService) async throws -> [AuditNote] {
        try await service.database.auditEntries(AuditListing(limit: 100)).map(\.note).reversed()
    }

    @Test func `every call that changes something is known to this suite`() async throws {
        try await withService { service in
            let text = try await service.client.get("/openapi.yaml").text
            let paths = try #require(try Yams.compose(yaml: text)?["paths"]?.mapping)
            let changing = paths.flatMap { path, methods in
                (methods.mapping?.keys.compactMap(\.string) ?? [])
                    .filter { ["post", "put", "patch", "delete"].contains($0) }
                    .map { "\($0.uppercased()) \(path.string ?? "")" }
            }
            #expect(Set(changing).subtracting(Self.actions.keys).isEmpty)
        }
    }

    @Test func `a close, a refund, a retry and the calls before them`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            _ = try await service.client.repay()
            #expect(try await entries(service).isEmpty)

            _ = try await service.client.refund(["refund_no": "R1", "amount": 600, "reason": "a tear"], key: "a")
            _ = try await service.client.refund(["refund_no": "R1", "amount": 600, "reason": "a tear"], key: "a")
            expectProblem(
                try await service.client.refund(["amount": 9_900], key: "b"), 409, "REFUND_TOO_MUCH",
                fields: ["refundable"])
            expectProblem(try await service.client.refund(key: "c", as: .user("user_1")), 403, "FORBIDDEN")
            let number = OrderNumber(Sample.number)!
            _ = try await service.database.update(number, creating: nil, at: service.clock.now()) { order in
                Decision(order.finishRefund("\(Sample.trade)_m1", .refused(reason: "NO"), at: service.clock.now()))
            }
            #expect(try await service.client.retry("R1").status == 200)
            expectProblem(try await service.client.close(), 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])

            let actor = Actor(PersonName("shop")!, by: .api, from: PersonName("127.0.0.1"))
            #expect(
                try await entries(service) == [
                    AuditNote(
                        actor, .refundRequested, on: "\(Sample.trade)_m1", of: number, because: RulingReason("a tear"),
                        detail: "600 CNY"),
                    AuditNote(actor, .refundRetried, on: "\(Sample.trade)_m1", of: number, detail: "600 CNY"),
                ])
        }
        try await withService { service in
            _ = try await service.client.pay()
            #expect(try await service.client.close().status == 200)
            #expect(try await service.client.close().status == 200)
            #expect(try await entries(service).map(\.action) == [.orderClosed])
        }
    }

    @Test(arguments: [("accept", AuditAction.disputeAccepted), ("refund", .disputeRefunded)])
    func `a decision about a dispute names the key, and the person in the body`(
        _ verdict: String, _ action: AuditAction
    ) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            _ = try await service.send(service.notice(transaction: "sbx_1", amount: 9_800))
            let body: JSONValue = ["reason": "checked", "by": "Li"]
            #expect(try await service.client.decide(verdict, "sbx_1", body).status == 200)
            #expect(try await service.client.decide(verdict, "sbx_1", body).status == 409)
            let notes = try await entries(service)
            #expect(notes.map(\.action) == [action] && notes[0].actor.name.text == "shop")
            #expect(notes[0].reason?.text == "checked" && notes[0].detail == "9800 CNY, decided by Li")
        }
    }

    @Test func `a decision on a difference`() async throws {
        try await withService { service in
            let (now, channel) = (service.clock.now(), Channel("sandbox")!)
            let day = BillDay(containing: now).previous
            for (day, rows) in [(day, [lost(on: day)]), (day.next, [])] {
                let claim = try #require(
                    try await service.database.claimBill(
                        of: channel, day, by: WorkerID("w"), until: now + .seconds(900), at: now))
                try await service.database.stage(rows, under: claim, until: now + .seconds(900))
                _ = try await service.database.load(BillFile(digest: "d", rows: rows.count), under: claim, at: now)
            }
            _ = try await service.database.compareLines(
                of: channel, behind: nil, limit: 100, foreign: .report, at: now)
            for (verb, status) in [("explain", 200), ("close", 200), ("close", 200), ("explain", 409)] {
                let answer = try await service.client.send(
                    .post, "/v1/reconciliations/differences/1/\(verb)", #"{"note": "by hand"}"#)
                #expect(answer.status == status)
            }
            #expect(try await entries(service).map(\.action) == [.differenceExplained, .differenceClosed])
        }
    }

    /// A payment that only the provider knows.
    private func lost(on day: BillDay) -> BillRow {
        .line(
            BillLine(
                row: 1, kind: .payment, status: .succeeded, tradeNumber: "lost_order_1", transactionID: "f-1",
                amount: 100, currencyCode: "CNY", feeMicros: nil, at: day.start))
    }

    @Test func `the client's address is the one behind a trusted proxy`() async throws {
        try await withService(TestSetup(trustedProxies: ["127.0.0.1"])) { service in
            _ = try await service.client.pay()
            let answer = try await service.client.send(
                .post, "/v1/payments/\(Sample.number)/close", headers: ["X-Forwarded-For": "203.0.113.7"])
            #expect(answer.status == 200)
            #expect(try await entries(service).map(\.actor.origin?.text) == ["203.0.113.7"])
        }
    }
}
