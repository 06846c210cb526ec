import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import Testing

@testable import SandboxServer

@Suite(.timeLimit(.minutes(1))) struct SandboxRoutesTests {
    private static let unpaid =
        #"{"amount":9900,"channel":"sandbox","creates":1,"refunded":0,"refunds":[],"state":"unpaid","#
        + #""trade_no":"20261122_0001_1"}"#

    @Test func `GET of a sandbox trade shows each state of its life`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            #expect(try await world.send(.get, "/trades/\(Sample.number)").text == Self.unpaid)
            let paid = try await world.send(.post, "/trades/\(Sample.number)/pay")
            #expect(paid.status == 200)
            #expect(paid.text == Self.unpaid.replacing("unpaid", with: "paid"))
            #expect(await world.provider().refund(Sample.refund()).withoutTime == .succeeded())
            let refunded = #""refunded":9900,"refunds":[{"amount":9900,"refund_no":"20261122_0001_1_r1"}],"#
            let shown = try await world.send(.get, "/trades/\(Sample.number)").text
            #expect(shown.contains(refunded + #""state":"refunded""#))
        }
    }

    @Test(arguments: ["99.00", "9.9e3", "1e2", "9900.0", "\"9900\""])
    func `a sandbox request's amount must be written as an integer`(amount: String) {
        let trade = SandboxWire.TradeParticulars(
            channel: "sandbox", tradeNumber: "20261122_0001_1", amount: 9_900, currency: "CNY", subject: "Tea",
            expiresAtMS: 1_795_341_600_000, notifyURL: "http://127.0.0.1/n", returnURL: nil)
        let refund = SandboxWire.Refund(
            channel: "sandbox", tradeNumber: "20261122_0001_1", transactionID: "t", refundNumber: "r", amount: 9_900,
            currency: "CNY")
        let create = String(decoding: SandboxWire.encode(SandboxWire.Create(trade: trade, page: .qr)), as: UTF8.self)
        let back = String(decoding: SandboxWire.encode(refund), as: UTF8.self)
        for (operation, text) in [(SandboxWire.Operation.create, create), (.refund, back)] {
            #expect(SandboxCall(operation, Array(text.utf8)) != nil)
            let changed = text.replacing("9900,", with: "\(amount),")
            #expect(changed != text && SandboxCall(operation, Array(changed.utf8)) == nil)
            let twice = text.replacing("\"amount\":", with: "\"amount\":1,\"amount\":")
            #expect(SandboxCall(operation, Array(twice.utf8)) == nil)
        }
    }

    @Test func `sandbox trades are listed oldest first`() async throws {
        try await withSandbox { world in
            #expect(try await world.send(.get, "/trades").text == #"{"trades":[]}"#)
            _ = await world.provider().create(Sample.create(TradeNumber("20261122_0009_1")!))
            _ = await world.provider().create(Sample.create())
            let list = SandboxWire.decode(
                SandboxTradeListView.self, from: try await world.send(.get, "/trades").body)
            #expect(list?.trades.map(\.tradeNumber) == ["20261122_0009_1", "20261122_0001_1"])
        }
    }

    @Test(arguments: [
        (ProviderRequest.Method.get, ""), (.get, "/page"), (.post, "/pay"), (.post, "/cancel"), (.post, "/refund"),
    ])
    func `an unknown sandbox trade is a 404 in JSON`(_ method: ProviderRequest.Method, _ action: String) async throws {
        try await withSandbox { world in
            let reply = try await world.send(method, "/trades/nobody_1\(action)")
            #expect(reply.status == 404)
            #expect(reply.header("content-type") == "application/json")
            #expect(reply.text == #"{"error":"the sandbox has no such trade"}"#)
        }
    }

    @Test func `paying a sandbox trade twice is one payment`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            for _ in 1...2 {
                let reply = try await world.send(.post, "/trades/\(Sample.number)/pay")
                #expect(reply.status == 200)
            }
            #expect(await world.provider().query(Sample.trade()) == .paid(Sample.receipt))
        }
    }

    @Test func `a refund in the sandbox's console takes a part or the rest, and is told to its shop`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            let path = "/trades/\(Sample.number)/refund"
            #expect(try await world.send(.post, path).status == 409)
            _ = try await world.send(.post, "/trades/\(Sample.number)/pay")
            let part = try await world.send(.post, path, #"{"amount":4000}"#)
            #expect(part.status == 200)
            let refunds = #""refunded":4000,"refunds":[{"amount":4000,"refund_no":"20261122_0001_1_sbx1"}],"#
            #expect(part.text.contains(refunds + #""state":"paid""#))
            #expect(try await world.send(.post, path, #"{"amount":5901}"#).status == 409)
            for wrong in [#"{"amount":1.5}"#, #"{"amount":"1"}"#, "[]", "x"] {
                #expect(try await world.send(.post, path, wrong).status == 400)
            }
            let rest = try await world.send(.post, path)
            #expect(rest.text.contains(#""refunded":9900"#) && rest.text.contains(#""state":"refunded""#))
            await world.shop.waitForNotices(3)
            let provider = world.provider()
            let told = try world.shop.received.compactMap { received -> String? in
                guard
                    case .refund(let number, .succeeded(at: world.clock.now())) =
                        try provider.verify(received.notice, at: world.clock.now()).content
                else { return nil }
                return number
            }
            #expect(told.sorted() == ["20261122_0001_1_sbx1", "20261122_0001_1_sbx2"])
        }
    }

    @Test func `paying a closed, expired or refunded sandbox trade is a 409`() async throws {
        try await withSandbox { world in
            let provider = world.provider()
            let (closed, late) = (TradeNumber("20261122_0002_1")!, TradeNumber("20261122_0003_1")!)
            for number in [Sample.number, closed, late] { _ = await provider.create(Sample.create(number)) }
            #expect(await provider.close(Sample.trade(closed)) == .accepted)
            #expect(try await world.send(.post, "/trades/\(closed)/pay").status == 409)
            #expect(try await world.send(.post, "/trades/\(Sample.number)/pay").status == 200)
            #expect(await provider.refund(Sample.refund()).withoutTime == .succeeded())
            #expect(try await world.send(.post, "/trades/\(Sample.number)/pay").status == 409)
            world.clock.advance(by: .seconds(1_800))
            let reply = try await world.send(.post, "/trades/\(late)/pay")
            #expect(reply.status == 409)
            #expect(reply.text.contains(#""state":"closed""#))
            #expect(await provider.query(Sample.trade(late)) == .closed)
        }
    }

    @Test
    func `a late buyer can pay a closed or expired sandbox trade once`()
        async throws
    {
        try await withSandbox { world in
            let provider = world.provider()
            let (closed, late) = (TradeNumber("20261122_0002_1")!, TradeNumber("20261122_0003_1")!)
            for number in [closed, late] { _ = await provider.create(Sample.create(number)) }
            #expect(await provider.close(Sample.trade(closed)) == .accepted)
            world.clock.advance(by: .seconds(1_800))
            for number in [closed, late] {
                for _ in 1...2 { #expect(try await world.send(.post, "/trades/\(number)/pay?late=true").status == 200) }
                let shown = try await world.send(.get, "/trades/\(number)")
                #expect(shown.text.contains(#""state":"paid""#))
            }
            await world.shop.waitForNotices(2)
            #expect(world.shop.received.count == 2)
            #expect(try await world.send(.post, "/trades/20261122_0004_1/pay?late=true").status == 404)
        }
    }

    @Test func `cancelling in the sandbox leaves the trade payable`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            let reply = try await world.send(.post, "/trades/\(Sample.number)/cancel")
            #expect(reply.status == 200)
            #expect(reply.text == Self.unpaid)
            #expect(try await world.send(.post, "/trades/\(Sample.number)/pay").status == 200)
            #expect(try await world.send(.post, "/trades/\(Sample.number)/cancel").status == 409)
        }
    }

    @Test(arguments: SandboxWire.Operation.allCases)
    func `a sandbox call with a missing or wrong signature is a 401 without effect`(
        _ operation: SandboxWire.Operation
    ) async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            let before = await world.trade(Sample.number)
            let body = #"{"channel":"sandbox","trade_no":"20261122_0001_1"}"#
            #expect(try await world.send(.post, operation.path, body).status == 401)
            let forged = try await world.call(operation, body, signer: SandboxSigner(secret: Secret("another")))
            #expect(forged.status == 401)
            #expect(forged.header(SandboxSignature.signatureHeader) == nil)
            #expect(await world.trade(Sample.number) == before)
        }
    }

    @Test func `an adapter with another secret gets unknown answers from the sandbox, without effect`() async throws {
        try await withSandbox { world in
            let stranger = world.provider(secret: Secret("another"))
            #expect(await stranger.create(Sample.create()).withoutReason == .unknown(.answered))
            #expect(await world.sandbox.books.allTrades().isEmpty)
        }
    }

    @Test(arguments: SandboxWire.Operation.allCases, ["", "{}", "[]", "nonsense", #"{"channel":1}"#])
    func `an invalid signed sandbox call gets a signed refusal`(
        _ operation: SandboxWire.Operation, _ body: String
    ) async throws {
        try await withSandbox { world in
            let reply = try await world.call(operation, body)
            #expect(reply.status == 400)
            #expect(reply.text == #"{"code":"INVALID_PARAMETER"}"#)
            #expect(reply.header(SandboxSignature.signatureHeader) != nil)
        }
    }

    @Test(arguments: [("/api/create", ProviderRequest.Method.post), ("/faults", .put)])
    func `a sandbox body above 64 KiB is a 413`(_ path: String, _ method: ProviderRequest.Method) async throws {
        try await withSandbox { world in
            let reply = try await world.send(method, path, String(repeating: " ", count: 65_537))
            #expect(reply.status == 413)
        }
    }

    @Test func `a list of sandbox faults replaces the earlier one and shows the rest`() async throws {
        try await withSandbox { world in
            #expect(try await world.send(.get, "/faults").text == "[]")
            try await world.setFaults(#"[{"operation":"query","fault":"error","times":9}]"#)
            try await world.setFaults(#"[{"operation":"create","fault":"error","times":2},{"fault":"notify_never"}]"#)
            _ = await world.provider().create(Sample.create())
            #expect(
                try await world.send(.get, "/faults").text
                    == #"[{"fault":"error","operation":"create","times":1},"#
                    + #"{"fault":"notify_never","operation":"notify","times":1}]"#)
            try await world.setFaults("[]")
            #expect(try await world.send(.get, "/faults").text == "[]")
        }
    }

    @Test func `an invalid list of sandbox faults is a 400 with a reason and without effect`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"query","fault":"error"}]"#)
            let reply = try await world.send(.put, "/faults", #"[{"operation":"create","fault":"explode"}]"#)
            #expect(reply.status == 400)
            #expect(reply.text.contains(#"fault 0: fault: invalid value"#))
            #expect(try await world.send(.get, "/faults").text.contains("query"))
        }
    }
}
