import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// The results of a press on a button.
@Suite(.timeLimit(.minutes(5))) struct CheckoutPressTests {
    @Test func `a provider's refusal is shown, and the other channels are offered`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            try await service.setFault("create", "refused")
            let answer = try await service.shopper().press("sandbox2")
            #expect(answer.state == "choose")
            #expect(answer.notice == "refused")
            #expect(answer.text.contains(#"role="alert""#))
            #expect(!answer.text.contains("data-auto"))
        }
    }

    @Test func `an unknown result is retried automatically, and another channel is offered`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            try await service.setFault("create", "garbage")
            let shopper = service.shopper()
            let answer = try await shopper.press("sandbox2")
            #expect(answer.state == "unknown")
            #expect(answer.main("data-channel") == "sandbox2")
            #expect(answer.text.contains(#"data-auto="3""#))
            #expect(answer.text.contains(#"name="channel" value="sandbox""#))
            #expect(try await shopper.press("sandbox2").state == "ready")
        }
    }

    @Test func `an old address repeats no request after the order has changed`() async throws {
        try await withService(.twoChannels(tradeScope: .terminal)) { service in
            _ = try await service.client.pay()
            try await service.setFault("create", "garbage")
            let shopper = service.shopper()
            let pressed = try await shopper.send("terminal=pc&channel=sandbox2")
            let address = try #require(pressed.header("Location"))
            let query = String(address.dropFirst(shopper.link.count))
            #expect(try await shopper.look(query).text.contains(#"data-auto="3""#))
            // The phone continues, and has the page now.
            _ = try await service.client.goTo("sandbox", terminal: "h5")
            let later = try await shopper.look(query)
            #expect(later.state == "moved")
            #expect(!later.text.contains("data-auto"))
            #expect(later.notice == nil)
        }
    }

    @Test func `an unsafe switch keeps the live page, and says so`() async throws {
        try await withService(.twoChannels(.strict)) { service in
            _ = try await service.client.pay()
            try await service.setFault("close", "no_such_trade", times: 4)
            try await service.setFault("query", "no_such_trade", times: 4)
            let answer = try await service.shopper().press("sandbox2")
            #expect(answer.notice == "unsafe")
            #expect(answer.state == "choose")
            #expect(!answer.text.contains("data-auto"))
        }
    }

    @Test func `renewals of a QR code are rate-limited`() async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            for _ in 1...5 {
                let answer = try await shopper.press("sandbox", more: "&fresh=true")
                #expect(answer.state == "ready")
                #expect(answer.notice == nil)
            }
            let answer = try await shopper.press("sandbox", more: "&fresh=true")
            #expect(answer.state == "ready")
            #expect(answer.notice == "toooften")
            #expect(try await service.creates() == 6)
        }
    }

    @Test func `presses that reach a provider are rate-limited per link`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            try await service.setFault("create", "garbage", times: 1_000)
            let shopper = service.shopper()
            var asked = 0
            var answer = try await shopper.send("terminal=pc&channel=sandbox2")
            while answer.header("Location")?.contains("news=unknown") == true, asked < 100 {
                asked += 1
                answer = try await shopper.send("terminal=pc&channel=sandbox2")
            }
            #expect((1...20).contains(asked))
            #expect(answer.header("Location")?.contains("?channel=sandbox2&news=toooften&wait=2&seen=") == true)
        }
    }

    @Test func `a press for an unknown channel is refused`() async throws {
        try await withService { service in
            try await service.setFault("create", "refused")
            _ = try await service.client.pay()
            let answer = try await service.shopper().press("alipay")
            #expect(answer.state == "choose")
            #expect(answer.notice == "unavailable")
        }
    }

    @Test func `after too many attempts the page says so, and offers no channel`() async throws {
        try await withService(.twoChannels()) { service in
            try await service.setFault("create", "refused", times: 100)
            _ = try await service.client.pay()
            let shopper = service.shopper()
            for round in 1..<PayRules.mostAttempts {
                service.clock.advance(by: .seconds(1))
                _ = try await shopper.send("terminal=pc&channel=sandbox\(round % 2 == 0 ? "" : "2")")
            }
            service.clock.advance(by: .seconds(5))
            let answer = try await shopper.press("sandbox")
            #expect(answer.notice == "toomany")
            #expect(!answer.text.contains(#"name="channel""#))
        }
    }

    @Test func `a press after the cut-off or the payment shows the order's state without news`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            service.clock.advance(by: .seconds(1_740))
            let late = try await shopper.send("terminal=pc&channel=sandbox")
            #expect(late.header("Location") == shopper.link)
            #expect(try await shopper.look().state == "timeup")
            try await service.payAndSettle()
            #expect(try await shopper.press("sandbox").state == "paid")
        }
    }

    @Test func `a second payment is shown to its payer`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            _ = try await shopper.press("sandbox2")
            try await service.pay("\(Sample.number)_2", on: "sandbox2")
            try await service.payAtThePrompt(Sample.trade, on: "sandbox")
            #expect(try await shopper.look().text.contains(#"data-given-back="pending""#))
            try await service.submitRefunds()
            let answer = try await shopper.look()
            #expect(answer.state == "paid")
            #expect(answer.text.contains(#"data-given-back="succeeded""#))
            #expect(answer.text.contains("A second payment of CN¥99.00 arrived. It has been returned to you."))
        }
    }

    @Test(arguments: [
        ("", "application/x-www-form-urlencoded", 400), ("channel=sandbox", "application/x-www-form-urlencoded", 400),
        ("terminal=pc&channel=A%20B", "application/x-www-form-urlencoded", 400),
        ("terminal=tv&channel=sandbox", "application/x-www-form-urlencoded", 400),
        ("terminal=pc&channel=sandbox&channel=sandbox2", "application/x-www-form-urlencoded", 400),
        ("terminal=pc&channel=sandbox&openid=%00", "application/x-www-form-urlencoded", 400),
        ("%ff%zz=&&=", "application/x-www-form-urlencoded", 400),
        (#"{"channel":"sandbox","terminal":"pc"}"#, "application/json", 400),
        ("terminal=pc&channel=sandbox", "text/plain", 400),
    ])
    func `a foreign form has no effect and gets the page`(
        form: String, type: String, status: Int
    ) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.shopper().send(form, type: type)
            #expect(answer.status == status)
            #expect(answer.header("Content-Type") == "text/html; charset=utf-8")
            #expect(answer.state == "ready")
            #expect(answer.notice == "unavailable")
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `an oversized form is refused with an HTML page`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.shopper().send(String(repeating: "a=b&", count: 20_000))
            #expect(answer.status == 413)
            #expect(answer.state == "broken")
        }
    }
}
