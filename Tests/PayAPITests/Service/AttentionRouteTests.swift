import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

/// `GET /v1/attention`, and the gauge.
@Suite(.timeLimit(.minutes(5))) struct AttentionRouteTests {
    private func expectCounts(_ answer: Answer, _ expected: [AttentionKind: Int64]) {
        let counts = answer.json["counts"].fields
        #expect(Set(counts.keys) == Set(AttentionKind.allCases.map(\.rawValue)))
        for kind in AttentionKind.allCases {
            #expect(counts[kind.rawValue] == .integer(expected[kind] ?? 0), "\(kind)")
        }
    }

    @Test func `nothing waits at first, and every kind is counted`() async throws {
        try await withService { service in
            let answer = try await service.client.get("/v1/attention")
            expectJSON(answer, 200, keys: ["items", "counts"])
            #expect(answer.json["items"] == [])
            expectCounts(answer, [:])
            for kind in AttentionKind.allCases {
                #expect(service.metric(#"paypage_attention{kind="\#(kind.rawValue)"}"#) == "0")
            }
        }
    }

    @Test func `a payment that does not match waits until it is decided`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let wrong = service.notice(transaction: "sbx_7", amount: 1)
            #expect(try await service.send(wrong).status == 200)
            let answer = try await service.client.get("/v1/attention")
            expectCounts(answer, [.dispute: 1])
            #expect(
                answer.json["items"]
                    == [
                        [
                            "kind": "dispute", "severity": "critical", "since": "2026-11-22T10:00:00Z",
                            "out_trade_no": .string(Sample.number), "trade_no": .string(Sample.trade),
                            "channel": "sandbox", "transaction_id": "sbx_7",
                            "detail": .string("payment sbx_7 of 1 CNY does not match \(Sample.trade)"),
                            "command": .string(
                                "paypage disputes accept sbx_7 --order \(Sample.number) --reason ..."),
                        ]
                    ])

            // The same payment comes again with the right amount.
            let right = service.notice(id: "notice_8", transaction: "sbx_7")
            #expect(try await service.send(right).status == 200)
            expectCounts(try await service.client.get("/v1/attention"), [:])
        }
    }

    @Test func `the limit is of each kind`() async throws {
        try await withService { service in
            for index in 1...3 {
                _ = try await service.client.pay(Sample.body("order_\(index)"), key: "key-\(index)")
                let wrong = service.notice(of: "order_\(index)_1", transaction: "sbx_\(index)", amount: 1)
                #expect(try await service.send(wrong).status == 200)
            }
            let answer = try await service.client.get("/v1/attention?limit=2")
            #expect(answer.json["items"].items.count == 2)
            expectCounts(answer, [.dispute: 3])
        }
    }

    @Test(arguments: [
        ("?limit=0", ["/limit"]), ("?limit=201", ["/limit"]), ("?kind=dispute&limit=x", ["/limit", "/kind"]),
    ])
    func `an invalid query gets all its mistakes`(query: String, expected: [String]) async throws {
        try await withService { service in
            let answer = try await service.client.get("/v1/attention" + query)
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(answer) == expected)
        }
    }

    @Test func `only the merchant is told`() async throws {
        try await withService { service in
            expectProblem(try await service.client.get("/v1/attention", as: .user("user_1")), 403, "FORBIDDEN")
            expectProblem(try await service.client.get("/v1/attention", as: .nobody), 401, "UNAUTHORIZED")
        }
    }

    @Test func `the gauge follows the job's last look`() async throws {
        try await withService { service in
            let job = ClockJob.attention(
                WatchAttention(
                    list: service.database, reports: service.database, observer: service.observer,
                    worker: WorkerID("under test"),
                    conditions: { _ in [.circuitOpen(Channel("sandbox")!, since: service.clock.now())] }))
            _ = try await job.runOnce(service.clock.now())
            #expect(service.metric(#"paypage_attention{kind="circuit_open"}"#) == "1")
            #expect(service.metric(#"paypage_attention{kind="dispute"}"#) == "0")
            expectCounts(try await service.client.get("/v1/attention"), [.circuitOpen: 1])
        }
    }
}
