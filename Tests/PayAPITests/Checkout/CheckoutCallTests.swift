import PayAccess
import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CheckoutCallTests {
    private func link(_ service: TestService, to number: String = Sample.number, for life: Int = 60) -> String {
        "/checkout/\(service.checkouts.token(for: OrderNumber(number)!, expiresAt: service.clock.now() + .seconds(life)))"
    }

    @Test func `the holder of a checkout link can pay and read the order like its user`() async throws {
        try await withService { service in
            let paid = try await service.client.pay()
            let link = try #require(paid.json["checkout_url"].string?.dropFirst(service.client.base.count))
            let order = try await service.client.get("\(link)/payment", as: .nobody)
            #expect(order.json == (try await service.client.order(as: .user("user_1")).json))
            let repay = try await service.client.send(.post, "\(link)/repay", "{}", as: .nobody)
            #expect(repay.status == 200)
            #expect(repay.page == paid.page)
            #expect(repay.cacheStatus == "paypage; hit; ttl=300")
            let page = try await service.client.get("\(link)/page", as: .nobody)
            #expect(page.text == paid.page["content"].string)
            #expect(try await service.creates() == 1)
        }
    }

    /// Invalid links, by their defect.
    enum Wrong: CaseIterable {
        case forged, over, ofAnotherVersion, ofAnotherOrdersClaim, encodedSlash, encodedDots, tooLong, empty

        func link(_ service: TestService, _ good: String) -> String {
            switch self {
            case .forged: String(good.dropLast(4)) + "AAAA"
            case .over:
                "/checkout/\(service.checkouts.token(for: OrderNumber(Sample.number)!, expiresAt: service.clock.now()))"
            case .ofAnotherVersion: good.replacingOccurrences("/c1.", with: "/c2.")
            case .ofAnotherOrdersClaim: good.replacingOccurrences(Sample.number, with: "another_1")
            case .encodedSlash: good + "%2F"
            case .encodedDots: "/checkout/%2e%2e%2f" + good.dropFirst("/checkout/".count)
            case .tooLong: "/checkout/" + String(repeating: "a", count: 4_000)
            case .empty: "/checkout/%20"
            }
        }
    }

    @Test(arguments: Wrong.allCases)
    func `a changed checkout link gives no access and no information`(wrong: Wrong) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let bad = wrong.link(service, link(service))
            for (method, call) in [("GET", "payment"), ("POST", "repay"), ("GET", "page")] {
                let answer = try await RawConnection.send(
                    port: service.port, ["\(method) \(bad)/\(call) HTTP/1.1", "Content-Length: 0"])
                expectProblem(answer, 404, "NOT_FOUND")
                #expect(!answer.text.contains(Sample.number))
            }
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `a checkout link gives access to its own order and to no merchant call`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            _ = try await service.client.pay(Sample.body("another_1"), key: "key-2")
            let link = link(service, to: "another_1")
            let order = try await service.client.get("\(link)/payment", as: .nobody)
            #expect(order.json["out_trade_no"] == "another_1")
            #expect(order.json["attempts"] == .null)
            let close = try await service.client.send(.post, "\(link)/close", as: .nobody)
            expectProblem(close, 404, "NOT_FOUND")
            // An API key beside a checkout token is ignored.
            let both = try await service.client.get("\(link)/payment", as: .merchant)
            #expect(both.json == order.json)
        }
    }

    @Test func `a browser without a live page is redirected to the checkout, and a script gets a 404`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let good = link(service)
            try await service.payAndSettle()
            let browser = ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"]
            for link in [good, "/checkout/c1.none"] {
                let page = try await service.client.get("\(link)/page", as: .nobody, headers: browser)
                #expect(page.status == 303)
                #expect(page.header("Location") == "./")
                #expect(page.text.isEmpty)
            }
            let script = try await service.client.get("\(good)/page", as: .nobody)
            expectProblem(script, 404, "PAY_PAGE_NOT_FOUND")
            let shop = try await service.client.page(accept: "text/html")
            expectProblem(shop, 404, "PAY_PAGE_NOT_FOUND")
            #expect(try await service.client.get("\(good)/", as: .nobody).status == 200)
        }
    }

    @Test func `no log line has a checkout token`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let good = link(service)
            for path in [good + "/payment", good + "/page", good + "/nothing", good.dropLast() + "/payment"] {
                _ = try await service.client.get(String(path), as: .nobody)
            }
            _ = try await service.client.send(.post, good + "/repay", "{}", as: .nobody)
            #expect(!service.log.all.contains { $0.contains("c1.") })
        }
    }

    @Test func `calls of a checkout link that reach a provider are rate-limited, and hits are not`()
        async throws
    {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            let link = link(service)
            for _ in 1...100 {
                #expect(try await service.client.send(.post, "\(link)/repay", "{}", as: .nobody).status == 200)
            }
            try await service.setFault("create", "garbage", times: 1_000)
            let other = #"{"channel":"sandbox2","terminal":"pc"}"#
            var answer = try await service.client.send(.post, "\(link)/repay", other, as: .nobody)
            var asked = 0
            while answer.code == "PAY_PROVIDER_UNKNOWN", asked < 100 {
                asked += 1
                answer = try await service.client.send(.post, "\(link)/repay", other, as: .nobody)
            }
            #expect((1...20).contains(asked))
            expectProblem(answer, 429, "RATE_LIMITED", retryAfter: "2")
            // The merchant calls for all users and is not limited.
            let merchant = try await service.client.goTo("sandbox2")
            expectProblem(merchant, 504, "PAY_PROVIDER_UNKNOWN", fields: ["reason"], retryAfter: "1")
        }
    }
}

@Suite struct RepayLimitTests {
    @Test func `an address has a higher limit than a caller, and the merchant has none`() {
        let clock = HandMovedClock()
        let limits = RepayLimit(clock: clock)
        #expect(limits.limit(of: .merchant, from: NetworkAddress("192.0.2.1")) == nil)
        func passes(_ user: String, _ address: String, of tries: Int) -> Int {
            let limit = limits.limit(of: .user(UserID(user)!), from: NetworkAddress(address))
            return (0..<tries).filter { _ in limit?.pause() == nil }.count
        }
        for caller in ["a", "b", "c"] { #expect(passes(caller, "192.0.2.1", of: 30) == 20) }
        // The burst of the address is used up.
        #expect(passes("d", "192.0.2.1", of: 30) == 0)
        #expect(passes("e", "192.0.2.2", of: 30) == 20)
        // Addresses with the same first 64 bits share one limit.
        let oneLine = ["2001:db8::1", "2001:db8::2:1", "2001:db8:0:0:ffff::9", "2001:db8::9"]
        #expect(zip(["f", "g", "h", "i"], oneLine).map { passes($0, $1, of: 20) } == [20, 20, 20, 0])
        #expect(passes("j", "2001:db8:0:1::9", of: 30) == 20)
        clock.advance(by: .seconds(1))
        #expect(passes("a", "192.0.2.1", of: 30) == 1)
    }
}

extension String {
    fileprivate func replacingOccurrences(_ part: String, with other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}
