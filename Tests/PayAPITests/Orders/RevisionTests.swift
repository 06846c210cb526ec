import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct RevisionTests {
    @Test func `a revision changes with the visible order, and not with the running seconds`() async throws {
        try await withService(.twoChannels(tradeScope: .terminal)) { service in
            var seen: [JSONValue] = []
            func isNew(_ what: String, as who: Client.Who = .user("user_1")) async throws {
                let revision = try await service.client.order(as: who).json["revision"]
                #expect(!seen.contains(revision), "\(what)")
                seen.append(revision)
                service.clock.advance(by: .milliseconds(1_001))
                #expect(try await service.client.order(as: who).json["revision"] == revision, "\(what)")
            }
            _ = try await service.client.pay()
            try await isNew("a first page")
            try await isNew("what the merchant is told", as: .merchant)
            _ = try await service.client.goTo("sandbox", terminal: "app")
            try await isNew("another terminal")
            _ = try await service.client.repay(Sample.number, ["fresh": true])
            try await isNew("another page")
            service.clock.advance(by: .seconds(300))
            try await isNew("the page ran out")
            _ = try await service.client.repay()
            try await isNew("a page again")
            try await service.payAndSettle(Sample.number + "_2")
            try await isNew("paid")
            try await service.payInSandboxLate(Sample.number + "_1", thenSettled: 2)
            try await isNew("paid twice")
        }
    }

    @Test func `an order shows its provider call in progress and its refunds`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            #expect(try await service.client.order().json["activity"] == .null)
            try await service.setFault("create", "garbage")
            _ = try await service.client.goTo("sandbox2")
            #expect(try await service.client.order(as: .user("user_1")).json["activity"] == "opening")
            _ = try await service.client.goTo("sandbox2")
            #expect(try await service.client.order().json["activity"] == .null)
            try await service.pay(Sample.number + "_2", on: "sandbox2")
            #expect(try await service.client.order(as: .user("user_1")).json["given_back"] == .null)
            try await service.payInSandboxLate(Sample.number + "_1", thenSettled: 1)
            let back = try await service.client.order(as: .user("user_1")).json["given_back"]
            #expect(
                back == [
                    [
                        "channel": "sandbox", "amount": 9_900, "currency": "CNY", "cause": "duplicate",
                        "state": "pending",
                    ]
                ])
        }
    }
}

extension TestService {
    /// The buyer pays a closed trade from an open password prompt. Returns when the notice is stored.
    fileprivate func payInSandboxLate(_ number: String, thenSettled count: Int) async throws {
        let answer = try await client.send(.post, "/sandbox/trades/\(number)/pay?late=true", as: .nobody)
        #expect(answer.status == 200)
        await observer.wait(for: .notice(Channel("sandbox")!, .settled), count)
    }
}
