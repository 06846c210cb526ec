import Foundation
import PayProviders
import Testing

/// The back ends of Examples/shops. Each is started as its page tells, and sells for money of the sandbox.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ShopTests {
    @Test(.needs(.java)) func `the Java shop ships what is paid, once`() async throws { try await sell(.java) }

    @Test(.needs(.php)) func `the PHP shop ships what is paid, once`() async throws { try await sell(.php) }

    @Test(.needs(.node)) func `the Node shop ships what is paid, once`() async throws { try await sell(.node) }

    @Test(.needs(.go)) func `the Go shop ships what is paid, once`() async throws { try await sell(.go) }

    @Test(.needs(.python)) func `the Python shop ships what is paid, once`() async throws { try await sell(.python) }

    private func paid(_ order: String) -> String {
        #"{"data":{"out_trade_no":"\#(order)"},"timestamp":"2026-11-29T12:50:39Z","type":"order.paid"}"#
    }

    private func sell(_ language: ShopLanguage) async throws {
        let port = try FreePort.find()
        try await Story.run(LanguageShop.settings(port: port)) { story, sandbox, service in
            // Given an order whose money is on its way back before the shop hears of it.
            #expect(try await service.firstPay("tea_back").status == 201)
            try await sandbox.pay("tea_back_1")
            try await poll("tea_back is paid") { try await service.order("tea_back").state == "paid" ? () : nil }
            let refund = try await service.call(.post, "/v1/payments/tea_back/refunds", key: "back", json: "{}")
            #expect(refund.status == 201)
            let shop = try await story.startShop(language, port: port, at: service)

            // When the buyer presses twice, then both presses lead to one checkout.
            let pressed = try await shop.client.send(.post, "/orders/tea_1001")
            let again = try await shop.client.send(.post, "/orders/tea_1001")
            #expect(pressed.status == 303 && again.status == 303, "\(pressed.text)")
            let checkout = try #require(pressed.header("Location"))
            #expect(checkout.hasPrefix("\(service.client.base)/checkout/") && checkout == again.header("Location"))
            #expect(try await service.order("tea_1001").attempts.isEmpty)
            try await expectRefusals(shop, order: "tea_1001")

            // A signed event does not ship an order that Paypage knows as unpaid or refunded.
            #expect(try await shop.send(paid("tea_1001"), id: "evt_early").status == 204)
            #expect(try await shop.send(paid("tea_back"), id: "evt_back").status == 204)
            #expect(shop.shipments(of: "tea_1001") == 0)
            // An event that can't be checked is not acknowledged, so that it comes again. Neither is it stored.
            #expect(try await shop.isRefused(paid("tea_none"), id: "evt_none"))
            #expect(!FileManager.default.fileExists(atPath: "\(story.folder)/evt_none.json"))

            // When the buyer chooses on the checkout page, and pays.
            let link = String(checkout.dropFirst(service.client.base.count))
            let choice = #"{"channel":"sandbox","terminal":"pc"}"#
            #expect(try await service.client.send(.post, "\(link)/repay", json: choice).status == 200)
            try await sandbox.pay("tea_1001_1")
            try await poll("the shop ships") { shop.shipments(of: "tea_1001") > 0 ? () : nil }
            let stored = try await poll("the event is stored") { try storedEvents(in: story.folder).first }
            #expect(try await shop.client.send(.get, "/orders/tea_1001").text.contains("paid"))

            // Then a message that comes again, and another one about the same order, ship nothing.
            #expect(try await shop.send(paid("tea_1001"), id: stored).status == 204)
            #expect(try await shop.send(paid("tea_1001"), id: "evt_other").status == 204)
            #expect(shop.shipments(of: "tea_1001") == 1 && shop.shipments(of: "tea_back") == 0)
            let deliveries = try await Paypage.run(["deliveries", "list"], settings: story.database, in: story.folder)
            #expect(deliveries.output.contains("  delivered "), "\(deliveries)")
            let log = (shop.process.output.lines + shop.process.errors.lines).joined(separator: "\n")
            #expect(!log.contains(service.apiKey) && !log.contains(Shop.secret))
        }
    }

    /// Forged, altered and replayed events, and those without a signature.
    private func expectRefusals(_ shop: LanguageShop, order: String) async throws {
        let other = "whsec_\(Data("another secret of the same length".utf8).base64EncodedString())"
        #expect(try await shop.send(paid(order), id: "evt_forged", secret: other).status == 401)
        for age: TimeInterval in [-3_600, 3_600] {
            let replayed = try await shop.send(paid(order), id: "evt_old", sentAt: Date(timeIntervalSinceNow: age))
            #expect(replayed.status == 401)
        }
        #expect(try await shop.client.send(.post, "/paypage-events", json: paid(order)).status == 401)
        for (name, value) in [("webhook-timestamp", "now"), ("webhook-signature", "v1,"), ("webhook-signature", "")] {
            let reply = try await shop.client.send(
                .post, "/paypage-events", headers: [Header(name: name, value: value)], json: paid(order))
            #expect(reply.status == 401, "\(name): \(value)")
        }
    }

    /// The ids of the service's own events that a shop has stored.
    private func storedEvents(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasPrefix("evt_") && $0.hasSuffix(".json") && $0.dropFirst(4).first?.isNumber == true }
            .map { String($0.dropLast(".json".count)) }
    }

    @Test func `each shop has fewer than 80 lines`() throws {
        for language in ShopLanguage.allCases {
            let lines = try String(contentsOfFile: language.file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count - 1 < 80, "\(language)")
            #expect(lines.allSatisfy { $0.count <= 120 }, "\(language)")
        }
    }

    @Test(.needs(.gofmt)) func `gofmt has no wish for the Go shop`() async throws {
        try await withFolder { folder in
            let run = try await Paypage.run(
                try #require(Tool.gofmt.path), ["-l", ShopLanguage.go.file], in: folder)
            #expect(run.end == .exited(0) && run.output.isEmpty, "\(run)")
        }
    }
}

extension LanguageShop {
    /// Whether an event gets no 2xx. A shop may also close the connection.
    fileprivate func isRefused(_ body: String, id: String) async throws -> Bool {
        do {
            return !(200..<300).contains(try await send(body, id: id).status)
        } catch is TransportError {
            return true
        }
    }
}
