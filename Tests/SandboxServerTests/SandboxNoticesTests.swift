import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import Testing

@testable import SandboxServer

/// The notices of the sandbox: their times, their number, and their verification by the adapter.
@Suite(.timeLimit(.minutes(1))) struct SandboxNoticesTests {
    @Test func `a sandbox payment sends a valid notice to the trade's URL at once`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            await world.shop.waitForNotices(1)
            let request = try #require(world.shop.received.first)
            #expect(request.url == "http://127.0.0.1:8080/v1/notices/sandbox")
            let read = try world.provider().verify(request.notice, at: world.clock.now())
            guard case .payment(let receipt) = read.content else { return #expect(Bool(false), "no payment") }
            #expect(receipt == Sample.receipt)
        }
    }

    @Test func `a sandbox notice and a query give the same receipt`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            world.clock.advance(by: .seconds(60))
            #expect(await world.provider().query(Sample.trade()) == .paid(Sample.receipt))
        }
    }

    @Test func `paying a sandbox trade again sends no second notice`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            try await world.pay()
            try await world.payAnother()
            await world.shop.waitForNotices(2)
            #expect(Set(try world.heard()) == ["notice_sbx_1", "notice_sbx_2"])
        }
    }

    @Test func `an unacknowledged sandbox notice is retried with back-off, signed anew`() async throws {
        try await withSandbox { world in
            world.shop.answer([
                .success(ProviderReply(status: 500)), .failure(TransportError(.neverSent, .couldNotConnect)),
                .success(ProviderReply(status: 200, body: Array("fail".utf8))),
            ])
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            for (sent, pause) in [(1, 1), (2, 2), (3, 5)] {
                await world.clock.waitForSleepers()
                #expect(world.shop.received.count == sent)
                world.clock.advance(by: .seconds(pause) - .milliseconds(1))
                #expect(world.clock.sleepers == 1)
                world.clock.advance(by: .milliseconds(1))
            }
            await world.shop.waitForNotices(4)
            for request in world.shop.received {
                let sent = try #require(request.notice.header(SandboxSignature.timestampHeader).flatMap { Int64($0) })
                let read = try world.provider().verify(request.notice, at: Instant(milliseconds: sent))
                #expect(read.id == "notice_sbx_1")
            }
            #expect(Set(world.shop.received.map { $0.notice.header(SandboxSignature.signatureHeader) }).count == 4)
        }
    }

    @Test func `a sandbox notice is abandoned after the last try`() async throws {
        try await withSandbox { world in
            let tries = SandboxNotices.backOff.count + 1
            world.shop.answer(Array(repeating: .success(ProviderReply(status: 500)), count: tries))
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            for pause in SandboxNotices.backOff {
                await world.clock.waitForSleepers()
                world.clock.advance(by: pause)
            }
            await world.shop.waitForNotices(tries)
            // The next message to the shop is the notice of the next payment.
            world.clock.advance(by: .seconds(60))
            try await world.payAnother()
            await world.shop.waitForNotices(tries + 1)
            #expect(try world.heard().last != "notice_sbx_1")
            #expect(world.clock.sleepers == 0)
        }
    }

    @Test func `the fault notify_twice sends the same notice twice`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"fault":"notify_twice","times":1}]"#)
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            await world.shop.waitForNotices(2)
            #expect(try world.heard() == ["notice_sbx_1", "notice_sbx_1"])
        }
    }

    @Test func `the fault notify_late delays the notice`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"notify","fault":"notify_late","times":1,"ms":9000}]"#)
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            await world.clock.waitForSleepers()
            world.clock.advance(by: .milliseconds(8_999))
            #expect(world.shop.received.isEmpty)
            world.clock.advance(by: .milliseconds(1))
            await world.shop.waitForNotices(1)
        }
    }

    @Test func `the fault notify_never sends no notice, but a query shows the payment`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"pay","fault":"notify_never","times":1}]"#)
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            try await world.payAnother()
            await world.shop.waitForNotices(1)
            #expect(try world.heard() == ["notice_sbx_2"])
            #expect(await world.provider().query(Sample.trade()) == .paid(Sample.receipt))
        }
    }

    @Test func `a repeated sandbox refund sends one notice`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"fault":"notify_never","times":2}]"#)
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            for _ in 1...2 { #expect(await world.provider().refund(Sample.refund()).withoutTime == .succeeded()) }
            await world.shop.waitForNotices(1)
            let read = try world.provider().verify(world.shop.received[0].notice, at: world.clock.now())
            guard case .refund("20261122_0001_1_r1", .succeeded(at: _)) = read.content else {
                return #expect(Bool(false), "no refund")
            }
            #expect(world.shop.received.count == 1)
        }
    }

    /// The clock stands still. A notice that kept the process alive would exceed the test's time limit.
    @Test func `a waiting sandbox notice ends at shutdown`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"fault":"notify_late","times":1,"ms":600000}]"#)
            _ = await world.provider().create(Sample.create())
            try await world.pay()
            await world.clock.waitForSleepers()
        }
    }
}

extension SandboxWorld {
    fileprivate func pay(_ number: TradeNumber = Sample.number) async throws {
        let reply = try await send(.post, "/trades/\(number)/pay")
        guard reply.status == 200 else { throw SandboxWorldError(description: reply.text) }
    }

    /// Creates and pays a second order. Its notice shows that no other was in flight before it.
    fileprivate func payAnother() async throws {
        let number = TradeNumber("20261122_0002_1")!
        _ = await provider().create(Sample.create(number))
        try await pay(number)
    }

    /// The ids of the notices that the shop received.
    fileprivate func heard() throws -> [String] {
        try shop.received.map { try provider().verify($0.notice, at: clock.now()).id }
    }
}
