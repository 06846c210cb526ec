import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// The routes of bills and differences, over HTTP.
@Suite(.timeLimit(.minutes(5))) struct ReconciliationRouteTests {
    private static let sandbox = Channel("sandbox")!
    private static let day = BillDay("2026-11-20")!

    private func load(_ rows: [BillRow], of day: BillDay, _ ledger: any Store, at now: Instant) async throws {
        let claim = try #require(
            try await ledger.claimBill(
                of: Self.sandbox, day, by: WorkerID("w"), until: now + .seconds(900), at: now))
        try await ledger.stage(rows, under: claim, until: now + .seconds(900))
        _ = try await ledger.load(BillFile(digest: "d", rows: rows.count), under: claim, at: now)
    }

    /// Three bills: the first has a payment of another system and `lost` payments that only the provider knows.
    private func differences(_ lost: Int, in service: TestService) async throws {
        let now = service.clock.now()
        var rows: [BillRow] = (0...lost).map { row in
            .line(
                BillLine(
                    row: row + 1, kind: .payment, status: .succeeded,
                    tradeNumber: row == 0 ? "OTHER" : "lost_order_1", transactionID: "f-\(row)", amount: 100,
                    currencyCode: "CNY", feeMicros: nil, at: Self.day.start))
        }
        rows.append(.other(row: lost + 2, type: "payout"))
        try await load(rows, of: Self.day, service.database, at: now)
        try await load([], of: Self.day.next, service.database, at: now)
        let claim = try #require(
            try await service.database.claimBill(
                of: Self.sandbox, Self.day.next.next, by: WorkerID("w"), until: now + .seconds(900), at: now))
        try await service.database.giveUp(claim, answer: "not ready: LATER", at: now)
        _ = try await service.database.compareLines(
            of: Self.sandbox, behind: nil, limit: 1_000, foreign: .report, at: now)
    }

    @Test func `the list of bills has every bill with its rows, the latest first`() async throws {
        try await withService { service in
            try await differences(2, in: service)
            let answer = try await service.client.get("/v1/reconciliations")
            expectJSON(answer, 200, keys: ["reconciliations"])
            let bills = answer.json["reconciliations"].items
            #expect(bills.compactMap { $0["date"].string } == ["2026-11-22", "2026-11-21", "2026-11-20"])
            #expect(bills.compactMap { $0["state"].string } == ["wanted", "loaded", "loaded"])
            #expect(bills[0]["last_answer"] == "not ready: LATER" && bills[0]["rows"] == .null)
            #expect(
                bills[2]["rows"] == [
                    "total": 4, "matched": 0, "waiting": 0, "differences": 2, "foreign": 1, "other": 1,
                    "unreadable": 0,
                ])
            #expect(bills[2]["channel"] == "sandbox" && bills[2]["digest"] == "d")
            let other = try await service.client.get("/v1/reconciliations?channel=wechat")
            #expect(other.json["reconciliations"] == [])
        }
    }

    @Test func `following the cursors returns every entry once`() async throws {
        try await withService { service in
            try await differences(5, in: service)
            for (path, list, field, count) in [
                ("/v1/reconciliations", "reconciliations", "date", 3),
                ("/v1/reconciliations/differences", "differences", "id", 5),
            ] {
                var seen: [JSONValue] = []
                var next: String? = "\(path)?limit=2"
                while let path = next {
                    let answer = try await service.client.get(path)
                    #expect(answer.status == 200, "\(answer.text)")
                    seen += answer.json[list].items.map { $0[field] }
                    next = answer.json["next_cursor"].string.map { "\(path.prefix { $0 != "&" })&cursor=\($0)" }
                }
                #expect(seen.count == count && Set(seen.map { "\($0)" }).count == count)
            }
        }
    }

    @Test func `a difference tells what the bill says, and filters find it`() async throws {
        try await withService { service in
            try await differences(1, in: service)
            let list = try await service.client.get(
                "/v1/reconciliations/differences?state=open&channel=sandbox&kind=missing_here")
            expectJSON(list, 200, keys: ["differences"])
            let entry = list.json["differences"][0]
            #expect(entry["kind"] == "missing_here" && entry["trade_no"] == "lost_order_1" && entry["row"] == 2)
            #expect(entry["there"] == ["amount": 100, "currency": "CNY", "status": "succeeded"])
            #expect(entry["date"] == "2026-11-20" && entry["state"] == "open" && entry["here"] == .null)
            let one = try await service.client.get("/v1/reconciliations/differences/1")
            #expect(one.status == 200 && one.json == entry)
            for query in ["state=closed", "kind=amount", "channel=wechat", "out_trade_no=order_1"] {
                let none = try await service.client.get("/v1/reconciliations/differences?\(query)")
                #expect(none.json["differences"] == [], "\(query)")
            }
        }
    }

    @Test func `a difference is explained, then closed for good`() async throws {
        try await withService { service in
            try await differences(1, in: service)
            func post(_ verb: String, _ body: String) async throws -> Answer {
                try await service.client.send(.post, "/v1/reconciliations/differences/1/\(verb)", body)
            }
            let explained = try await post("explain", #"{"note": "a test payment", "by": "Li"}"#)
            #expect(explained.status == 200 && explained.json["state"] == "explained")
            #expect(explained.json["note"] == "a test payment" && explained.json["decided_by"] == "Li")
            let closed = try await post("close", #"{"note": "booked by hand"}"#)
            #expect(closed.status == 200 && closed.json["state"] == "closed" && closed.json["ending"] == "decided")
            #expect(closed.json["decided_by"] == "merchant")
            #expect(try await post("close", #"{"note": "booked by hand"}"#).status == 200)
            expectProblem(try await post("explain", #"{"note": "again"}"#), 409, "DIFFERENCE_CLOSED")
        }
    }

    @Test func `mistakes of a decision are told at once`() async throws {
        try await withService { service in
            try await differences(1, in: service)
            let path = "/v1/reconciliations/differences/1/close"
            for (body, expected) in [
                ("{}", ["/note"]), (#"{"note": ""}"#, ["/note"]),
                (#"{"note": "a\u0000b", "by": ""}"#, ["/note", "/by"]),
                (#"{"note": "x", "why": 1}"#, ["/why"]),
            ] {
                let answer = try await service.client.send(.post, path, body)
                expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
                #expect(Set(pointers(answer)) == Set(expected), "\(body)")
            }
            for unknown in ["99", "x", "0", "-1"] {
                let answer = try await service.client.send(
                    .post, "/v1/reconciliations/differences/\(unknown)/close", #"{"note": "x"}"#)
                expectProblem(answer, 404, "NOT_FOUND")
                let read = try await service.client.get("/v1/reconciliations/differences/\(unknown)")
                expectProblem(read, 404, "NOT_FOUND")
            }
        }
    }

    @Test(arguments: [
        ("/v1/reconciliations?limit=0&channel=A&cursor=x&what=1", ["/channel", "/limit", "/cursor", "/what"]),
        ("/v1/reconciliations?cursor=2026-11-31.sandbox", ["/cursor"]),
        (
            "/v1/reconciliations/differences?state=x&channel=A&kind=x&out_trade_no=x&limit=201&cursor=0",
            ["/state", "/channel", "/kind", "/out_trade_no", "/limit", "/cursor"]
        ),
    ])
    func `an invalid query gets all its mistakes`(path: String, expected: [String]) async throws {
        try await withService { service in
            let answer = try await service.client.get(path)
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(answer) == expected)
        }
    }

    @Test(arguments: ["/v1/reconciliations", "/v1/reconciliations/differences", "/v1/reconciliations/differences/1"])
    func `only the merchant reads bills and differences`(path: String) async throws {
        try await withService { service in
            expectProblem(try await service.client.get(path, as: .nobody), 401, "UNAUTHORIZED")
            expectProblem(try await service.client.get(path, as: .user("user-7")), 403, "FORBIDDEN")
        }
    }

    @Test func `only the merchant decides`() async throws {
        try await withService { service in
            try await differences(1, in: service)
            for verb in ["explain", "close"] {
                let path = "/v1/reconciliations/differences/1/\(verb)"
                let body = #"{"note": "x"}"#
                expectProblem(try await service.client.send(.post, path, body, as: .nobody), 401, "UNAUTHORIZED")
                expectProblem(try await service.client.send(.post, path, body, as: .user("user-7")), 403, "FORBIDDEN")
            }
            let entry = try await service.client.get("/v1/reconciliations/differences/1")
            #expect(entry.json["state"] == "open")
        }
    }
}
