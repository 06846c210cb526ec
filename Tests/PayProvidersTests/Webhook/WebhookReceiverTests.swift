import Logging
import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

@Suite(.timeLimit(.minutes(2))) struct WebhookReceiverTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let clock = HandMovedClock()

    private func receiver(
        _ url: String, _ transport: CurlTransport, logger: Logger = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> WebhookReceiver {
        let signer = try #require(WebhookSigner(secret: Secret(Self.secret)))
        return WebhookReceiver(
            [WebhookEndpoint(name: .standard, url: url, signers: [signer])], transport: transport, clock: clock,
            logger: logger)
    }

    /// A server that answers every request with this status.
    private func server(_ status: String, headers: [String] = []) -> LoopbackServer {
        LoopbackServer { conversation in
            while conversation.read() != nil { conversation.answer(status: status, headers: headers) }
        }
    }

    @Test func `a webhook is signed JSON with the same bytes and id at each try`() async throws {
        let server = server("204 No Content")
        try await withTransport { transport in
            let receiver = try receiver(server.url + "/told?shop=7", transport)
            #expect(await receiver.deliver(Message.paid, to: .standard).answer == .accepted)
            clock.advance(by: .seconds(86_400))
            #expect(await receiver.deliver(Message.paid, to: .standard).answer == .accepted)

            let requests = server.requests
            #expect(requests.count == 2 && requests.allSatisfy { $0.line == "POST /told?shop=7 HTTP/1.1" })
            #expect(requests.allSatisfy { $0.header("content-type") == "application/json" })
            #expect(requests.map { $0.header("webhook-id") } == ["evt_57_1795341661500", "evt_57_1795341661500"])
            #expect(requests.map { $0.header("webhook-timestamp") } == ["1795341600", "1795428000"])
            #expect(requests[0].body == requests[1].body)
            let verifier = WebhookVerifier(secret: Self.secret)
            for request in requests {
                #expect(
                    verifier.accepts(
                        id: request.header("webhook-id"), timestamp: request.header("webhook-timestamp"),
                        signatures: request.header("webhook-signature"), body: request.body))
            }
        }
    }

    @Test(arguments: [
        (
            Message.paid,
            #"{"data":{"amount":9900,"channel":"sandbox","currency":"CNY","out_trade_no":"order_1","#
                + #""paid_at":"2026-11-22T10:01:00Z","subject":"Zwei \"Tassen\" ☕️/Tag","trade_no":"order_1_1","#
                + #""transaction_id":"tx-1","user_id":"用户 7"},"timestamp":"2026-11-22T10:01:01Z","type":"order.paid"}"#
        ),
        (
            Message.make(.orderClosed),
            #"{"data":{"amount":9900,"currency":"CNY","out_trade_no":"order_1","#
                + #""subject":"Zwei \"Tassen\" ☕️/Tag","user_id":"用户 7"},"timestamp":"2026-11-22T10:01:01Z","#
                + #""type":"order.closed"}"#
        ),
        (
            Message.make(.refundSucceeded, payment: Message.payment(amount: 5), refund: "order_1_1_r2", refunded: 3),
            #"{"data":{"amount":3,"cause":"duplicate","channel":"sandbox","currency":"CNY","out_trade_no":"order_1","#
                + #""paid_at":"2026-11-22T10:01:00Z","refund_no":"order_1_1_r2","subject":"Zwei \"Tassen\" ☕️/Tag","#
                + #""trade_no":"order_1_1","transaction_id":"tx-1","user_id":"用户 7"},"#
                + #""timestamp":"2026-11-22T10:01:01Z","type":"refund.succeeded"}"#
        ),
        (
            Message.make(
                .refundNeedsAttention, payment: Message.payment(amount: 5), refund: "order_1_1_r2", refunded: 3,
                code: "NOT_ENOUGH"),
            #"{"data":{"amount":3,"cause":"duplicate","channel":"sandbox","currency":"CNY","out_trade_no":"order_1","#
                + #""paid_at":"2026-11-22T10:01:00Z","provider_code":"NOT_ENOUGH","refund_no":"order_1_1_r2","#
                + #""subject":"Zwei \"Tassen\" ☕️/Tag","trade_no":"order_1_1","transaction_id":"tx-1","#
                + #""user_id":"用户 7"},"timestamp":"2026-11-22T10:01:01Z","type":"refund.needs_attention"}"#
        ),
        (
            Message.make(
                .refundFailed, payment: Message.payment(amount: 5), refund: "R1", refunded: 3, cause: .merchant,
                reason: "a tear", code: "GONE"),
            #"{"data":{"amount":3,"cause":"merchant","channel":"sandbox","currency":"CNY","out_trade_no":"order_1","#
                + #""paid_at":"2026-11-22T10:01:00Z","provider_code":"GONE","reason":"a tear","refund_no":"R1","#
                + #""subject":"Zwei \"Tassen\" ☕️/Tag","trade_no":"order_1_1","transaction_id":"tx-1","#
                + #""user_id":"用户 7"},"timestamp":"2026-11-22T10:01:01Z","type":"refund.failed"}"#
        ),
        (
            Message.make(.paymentDisputed, payment: Message.payment(amount: 5)),
            #"{"data":{"amount":5,"channel":"sandbox","currency":"CNY","out_trade_no":"order_1","#
                + #""paid_at":"2026-11-22T10:01:00Z","subject":"Zwei \"Tassen\" ☕️/Tag","trade_no":"order_1_1","#
                + #""transaction_id":"tx-1","user_id":"用户 7"},"timestamp":"2026-11-22T10:01:01Z","#
                + #""type":"payment.disputed"}"#
        ),
        (
            Message.make(.paymentReturned, payment: Message.payment(amount: 5)),
            #"{"data":{"amount":5,"channel":"sandbox","currency":"CNY","out_trade_no":"order_1","#
                + #""paid_at":"2026-11-22T10:01:00Z","subject":"Zwei \"Tassen\" ☕️/Tag","trade_no":"order_1_1","#
                + #""transaction_id":"tx-1","user_id":"用户 7"},"timestamp":"2026-11-22T10:01:01Z","#
                + #""type":"payment.returned"}"#
        ),
        (
            // A time outside the range is clamped to the last one in it.
            Message.make(.paymentLate, payment: Message.payment(amount: 5, paidAt: Instant(milliseconds: .max))),
            #"{"data":{"amount":5,"channel":"sandbox","currency":"CNY","out_trade_no":"order_1","#
                + #""paid_at":"9999-12-31T23:59:59Z","subject":"Zwei \"Tassen\" ☕️/Tag","trade_no":"order_1_1","transaction_id":"tx-1","#
                + #""user_id":"用户 7"},"timestamp":"2026-11-22T10:01:01Z","type":"payment.late"}"#
        ),
    ])
    func `a webhook body describes its event in one spelling`(_ message: EventMessage, _ body: String) {
        #expect(String(decoding: WebhookMessage(message).bytes, as: UTF8.self) == body)
    }

    @Test(arguments: [("200 OK", 200), ("202 Accepted", 202), ("299 Odd", 299)])
    func `any 2xx acknowledges a webhook`(_ status: String, _ code: Int) async throws {
        let server = server(status)
        try await withTransport { transport in
            let receiver = try receiver(server.url, transport)
            #expect(await receiver.deliver(Message.paid, to: .standard).answer == .accepted)
        }
    }

    @Test(arguments: [("500 Internal Server Error", 500), ("410 Gone", 410), ("302 Found", 302), ("301 Moved", 301)])
    func `a webhook is refused by any status but 2xx, and follows no redirect`(_ status: String, _ code: Int)
        async throws
    {
        let elsewhere = server("200 OK")
        let server = server(status, headers: ["Location: \(elsewhere.url)/"])
        try await withTransport { transport in
            let receiver = try receiver(server.url, transport)
            #expect(await receiver.deliver(Message.paid, to: .standard).answer == .refused(status: code))
            #expect(elsewhere.connections == 0)
        }
    }

    @Test func `a webhook endpoint that hangs, breaks off or is down gives no answer, with a loggable reason`()
        async throws
    {
        let hanging = LoopbackServer { conversation in
            _ = conversation.read()
            conversation.waitForHangUp()
        }
        let breaking = LoopbackServer { conversation in
            _ = conversation.read()
            conversation.hangUp()
        }
        let deaf = DeafPort()
        try await withTransport(.hasty) { transport in
            for (url, words) in [
                (hanging.url, "timed out before the answer was complete; the request may have reached the server"),
                (breaking.url, "connection lost; the request may have reached the server"),
                ("http://127.0.0.1:\(deaf.port)", "connection failed; the request was not sent"),
            ] {
                let receiver = try receiver(url, transport)
                #expect(await receiver.deliver(Message.paid, to: .standard).answer == .unanswered(reason: words))
            }
        }
    }

    @Test func `a webhook that is answered after the time-out is sent again unchanged`() async throws {
        let server = LoopbackServer { conversation in
            guard conversation.read() != nil else { return }
            // The first try is answered after the client has disconnected, which is too late.
            if conversation.number == 1 { conversation.waitForHangUp() }
            conversation.answer()
        }
        try await withTransport(.hasty) { transport in
            let receiver = try receiver(server.url, transport)
            guard case .unanswered = await receiver.deliver(Message.paid, to: .standard).answer else {
                Issue.record("the answer came within the time-out")
                return
            }
        }
        try await withTransport { transport in
            let receiver = try receiver(server.url, transport)
            #expect(await receiver.deliver(Message.paid, to: .standard).answer == .accepted)
            #expect(server.requests.count == 2)
            #expect(server.requests[0].body == server.requests[1].body)
            #expect(server.requests[0].header("webhook-id") == server.requests[1].header("webhook-id"))
        }
    }

    @Test func `a webhook endpoint that hangs takes no connection of a provider`() async throws {
        // Given as many hanging messages as are sent at a time, by a transport of their own.
        let hanging = LoopbackServer { conversation in
            _ = conversation.read()
            conversation.waitForHangUp()
        }
        let provider = server("200 OK")
        try await withTransport { transport in
            let receiver = try receiver(hanging.url, transport)
            let sendings = (0..<DeliverEvents.deliveriesAtATime).map { _ in
                Task { await receiver.deliver(Message.paid, to: .standard) }
            }
            await hanging.received(DeliverEvents.deliveriesAtATime)

            // When, then
            try await withTransport { transport in
                let reply = try await transport.send(.create(provider.url))
                #expect(reply.status == 200)
            }
            for sending in sendings { sending.cancel() }
            for sending in sendings { _ = await sending.value }
        }
    }

    @Test func `a webhook log line names the order and the answer, but neither the URL nor the body`() async throws {
        let lines = LogLines()
        let server = server("503 Unavailable")
        try await withTransport { transport in
            let logger = Logger(label: "t") { _ in lines }
            let receiver = try receiver(server.url + "/hush-path?key=hush", transport, logger: logger)
            _ = await receiver.deliver(Message.paid, to: .standard)
        }
        let log = lines.all.joined()
        #expect(log.contains("order_1") && log.contains("answered with 503"))
        for secret in ["hush", "Tassen", "用户", "v1,", "whsec_", "127.0.0.1"] { #expect(!log.contains(secret)) }
    }
}

/// Messages of one order.
enum Message {
    static let paid = make(.orderPaid, payment: payment(amount: 9_900))

    private static let trade = TradeNumber("order_1_1")!
    private static let transaction = TransactionID("tx-1")!
    private static let start = HandMovedClock().now()

    static func payment(amount: Int64, paidAt: Instant? = nil) -> Receipt {
        Receipt(
            channel: Channel("sandbox")!, tradeNumber: trade, transactionID: transaction, amount: amount,
            currencyCode: "CNY", paidAt: paidAt ?? start + .seconds(60), namesOurAccount: true)
    }

    static func make(
        _ kind: OrderEvent.Kind, payment: Receipt? = nil, refund: String? = nil, refunded: Int64 = 1,
        cause: RefundCause = .duplicate, reason: String? = nil, code: String? = nil
    ) -> EventMessage {
        let yuan = Currency("CNY")!
        return EventMessage(
            id: EventID(57)!,
            event: OrderEvent(
                kind: kind, tradeNumber: payment?.tradeNumber, transactionID: payment?.transactionID,
                providerCode: code, at: start + .milliseconds(61_500)),
            order: EventMessage.OrderParticulars(
                number: OrderNumber("order_1")!, userID: UserID("用户 7")!, money: Money(amount: 9_900, currency: yuan)!,
                subject: Subject("Zwei \"Tassen\" ☕️/Tag")!),
            payment: payment,
            refund: refund.map {
                EventMessage.RefundParticulars(
                    number: $0, money: Money(amount: refunded, currency: yuan)!, cause: cause,
                    reason: reason.flatMap(RefundReason.init))
            })
    }
}

extension LoopbackServer.Request {
    func header(_ name: String) -> String? {
        head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }
}
