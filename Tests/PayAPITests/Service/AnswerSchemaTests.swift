import LedgerSQL
import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import SQLiteStore
import ServiceTestSupport
import Testing
import Yams

/// Real answers have the fields that the API's description names, and no other.
@Suite(.timeLimit(.minutes(5))) struct AnswerSchemaTests {
    /// A service whose answers are compared with its own description.
    private struct Described: Sendable {
        let service: TestService
        private let check: SchemaCheck

        init(_ service: TestService) async throws {
            self.service = service
            let text = try await service.client.get("/openapi.yaml").text
            check = SchemaCheck(try #require(try Yams.compose(yaml: text)))
        }

        /// Returns the answer after the comparison with the schema of this operation and the answer's status.
        @discardableResult func compare(
            _ method: String, _ path: String, _ answer: Answer, status: Int = 200,
            sourceLocation: SourceLocation = #_sourceLocation
        ) -> Answer {
            #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
            let mistakes = check.mistakes(of: answer.json, in: check.schema(method, path, answer.status))
            #expect(mistakes.isEmpty, "\(method) \(path): \(answer.text)", sourceLocation: sourceLocation)
            return answer
        }

        /// The same for a GET, where the described path is the called one without its query.
        @discardableResult func get(_ path: String, as who: Client.Who = .merchant) async throws -> Answer {
            let described = path.split(separator: "?")[0].replacing(Sample.number, with: "{out_trade_no}")
            return compare("get", String(described), try await service.client.get(path, as: who))
        }
    }

    private static let order = "/v1/payments/{out_trade_no}"

    private func run(_ setup: TestSetup = TestSetup(), _ body: @Sendable (Described) async throws -> Void)
        async throws
    {
        try await withService(setup) { try await body(Described($0)) }
    }

    @Test func `events and deliveries answer as described`() async throws {
        try await run { api in
            let now = api.service.clock.now()
            let database = api.service.database
            try await database.keepEndpoints([EndpointEntry(.standard, origin: "https://shop.example")], at: now)
            try await api.service.makePaidOrder()
            try await api.get("/v1/events?limit=5")
            try await api.get("/v1/deliveries?state=pending")
            let claims = try await database.claimDeliveries(
                to: .standard, dueAt: now + .seconds(60), until: now + .seconds(80), limit: 1
            ).claims
            let reply = DeliveryReply(.refused(status: 502), status: 502, excerpt: "<h1>Bad Gateway</h1>")
            let made = DeliveryTry(beganAt: now, took: .milliseconds(31), reply: reply)
            let claim = try #require(claims.first)
            #expect(try await database.finishDelivery(claim, .parked, after: made, at: now))
            let one = "/v1/deliveries/{id}"
            api.compare("get", one, try await api.service.client.get("/v1/deliveries/1"))
            let resent = try await api.service.client.send(.post, "/v1/deliveries/1/resend")
            api.compare("post", "\(one)/resend", resent, status: 202)
        }
    }

    @Test func `a first pay, a repay, a page and an order answer as described`() async throws {
        try await run(.twoChannels()) { api in
            let client = api.service.client
            api.compare("post", "/v1/payments", try await client.pay(), status: 201)
            api.compare("post", "/v1/payments", try await client.pay(key: "key-2"))
            let open = Sample.body("open_1", ["channel": nil, "terminal": nil])
            let begun = try await client.pay(open, key: "key-3")
            #expect(api.compare("post", "/v1/payments", begun, status: 201).page == .null)
            api.compare("post", "\(Self.order)/repay", try await client.repay())
            api.compare("post", "\(Self.order)/repay", try await client.goTo("sandbox2"))
            let page = try await client.page(accept: "application/json")
            api.compare("get", "\(Self.order)/page", page)
            try await api.get("/v1/payments/\(Sample.number)")
            try await api.get("/v1/payments/\(Sample.number)", as: .user("user_1"))
            try await api.get("/v1/payments?limit=1&user_id=user_1")
            let link = api.service.shopper().link
            for call in ["payment", "channels"] {
                api.compare("get", "/checkout/{token}/\(call)", try await client.get("\(link)/\(call)", as: .nobody))
            }
            api.compare("post", "\(Self.order)/close", try await client.close())
        }
    }

    @Test func `channels and the service's own state answer as described`() async throws {
        try await run(.twoChannels()) { api in
            for path in ["/v1/channels", "/v1/channels?currency=CNY", "/healthz", "/readyz", "/v1/attention"] {
                try await api.get(path)
            }
        }
        try await run(TestSetup(withoutChannels: ["wechat"])) { api in try await api.get("/readyz") }
    }

    @Test func `a paid and refunded order, its refunds and their list answer as described`() async throws {
        try await run { api in
            let client = api.service.client
            try await api.service.makePaidOrder()
            let partly: JSONValue = ["refund_no": "R1", "amount": 100, "reason": "one cup was broken"]
            api.compare("post", "\(Self.order)/refunds", try await client.refund(partly), status: 201)
            api.compare("post", "\(Self.order)/refunds", try await client.refund(partly, key: "refund-2"))
            try await api.service.submitRefundsUntilDone()
            try await api.get("/v1/payments/\(Sample.number)/refunds")
            let one = try await client.get("/v1/payments/\(Sample.number)/refunds/R1")
            api.compare("get", "\(Self.order)/refunds/{refund_no}", one)
            #expect(one.json["state"] == "succeeded")
            let known = try await api.get("/v1/payments/\(Sample.number)")
            #expect(known.json["given_back"].items.count == 1 && known.json["receipts"].items.count == 1)
            try await api.get("/v1/payments?refund_no=R1")
        }
    }

    @Test func `a dispute, its list and its decision answer as described`() async throws {
        try await run { api in
            let (client, service) = (api.service.client, api.service)
            _ = try await client.pay()
            #expect(try await service.send(service.notice(transaction: "sbx_1", amount: 9_800)).status == 200)
            #expect(try await api.get("/v1/disputes").json["disputes"].items.count == 1)
            #expect(try await api.get("/v1/attention").json["items"].items.count == 1)
            let path = "\(Self.order)/disputes/{transaction_id}"
            api.compare("post", "\(path)/accept", try await client.decide("accept"))
            api.compare("post", "\(path)/refund", try await client.decide("refund"), status: 409)
        }
    }

    @Test func `every kind of problem answers as described`() async throws {
        try await run { api in
            let client = api.service.client
            let wrong = try await client.pay(Sample.body(Sample.number, ["amount": 0, "terminal": "tv"]))
            api.compare("post", "/v1/payments", wrong, status: 400)
            api.compare("post", "/v1/payments", try await client.pay(key: nil), status: 400)
            api.compare("post", "/v1/payments", try await client.pay(as: .nobody), status: 401)
            api.compare("get", Self.order, try await client.order(), status: 404)
            api.compare("post", "\(Self.order)/refunds", try await client.refund(), status: 404)
            try await api.service.setFault("create", "timeout")
            api.compare("post", "/v1/payments", try await client.pay(), status: 504)
            api.compare("get", "/v1/disputes", try await client.get("/v1/disputes?limit=x"), status: 400)
        }
        try await run { api in
            let client = api.service.client
            try await api.service.makePaidOrder()
            api.compare("post", "\(Self.order)/repay", try await client.repay(), status: 409)
            let tooMuch = try await client.refund(["amount": 10_000])
            api.compare("post", "\(Self.order)/refunds", tooMuch, status: 409)
        }
    }

    @Test func `a bill and a difference answer as described`() async throws {
        try await run { api in
            let (day, sandbox, now) = (BillDay("2026-11-20")!, Channel("sandbox")!, api.service.clock.now())
            for (day, count) in [(day, 1), (day.next, 0)] {
                let rows: [BillRow] = (0..<count).map { row in
                    .line(
                        BillLine(
                            row: row + 1, kind: .payment, status: .succeeded, tradeNumber: "lost_order_1",
                            transactionID: "f-\(row)", amount: 100, currencyCode: "CNY", feeMicros: nil, at: day.start))
                }
                let claim = try #require(
                    try await api.service.database.claimBill(
                        of: sandbox, day, by: WorkerID("w"), until: now + .seconds(900), at: now))
                try await api.service.database.stage(rows, under: claim, until: now + .seconds(900))
                let file = BillFile(digest: "d", rows: rows.count)
                _ = try await api.service.database.load(file, under: claim, at: now)
            }
            _ = try await api.service.database.compareLines(
                of: sandbox, behind: nil, limit: 1_000, foreign: .report, at: now)
            #expect(try await api.get("/v1/reconciliations").json["reconciliations"].items.count == 2)
            let list = try await api.get("/v1/reconciliations/differences")
            guard case .integer(let id) = list.json["differences"][0]["id"] else {
                Issue.record("no difference: \(list.text)")
                return
            }
            let client = api.service.client
            let path = "/v1/reconciliations/differences/{id}"
            api.compare("get", path, try await client.get("/v1/reconciliations/differences/\(id)"))
            for verdict in ["explain", "close"] {
                let answer = try await client.send(
                    .post, "/v1/reconciliations/differences/\(id)/\(verdict)", #"{"note":"checked","by":"Ann"}"#)
                api.compare("post", "\(path)/\(verdict)", answer)
            }
        }
    }

    @Test func `a field that a schema lacks, and a value that a list lacks, are mistakes`() async throws {
        let properties = "{a: {type: string, x-extensible-enum: [x]}, b: {type: integer}}"
        let schema = "{type: object, required: [a], properties: \(properties)}"
        let check = SchemaCheck(try #require(try Yams.compose(yaml: schema)))
        #expect(check.mistakes(of: ["a": "x", "b": 1], in: check.root).isEmpty)
        let wrong: [JSONValue] = [["b": 1], ["a": "y"], ["a": "x", "b": "1"], ["a": "x", "c": 1], "x"]
        for value in wrong {
            #expect(!check.mistakes(of: value, in: check.root).isEmpty, "\(value.text)")
        }
    }
}
