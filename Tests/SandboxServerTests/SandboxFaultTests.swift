import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import Testing

@testable import SandboxServer

/// Every fault: the adapter's answer, and the books afterwards.
@Suite(.timeLimit(.minutes(1))) struct SandboxFaultTests {
    /// A fault, whether the clock must move before it ends, and the expected results.
    struct Row<Answer: Sendable>: Sendable {
        let fault: String
        var waits = false
        let answer: Answer
        let isDone: Bool
    }

    @Test(arguments: [
        Row(fault: "timeout", waits: true, answer: CreateAnswer.unknown(.unanswered), isDone: false),
        Row(fault: "lost", waits: true, answer: .unknown(.unanswered), isDone: true),
        Row(fault: "error", answer: .unknown(.answered), isDone: false),
        Row(fault: "refused", answer: .refused(reason: "REFUSED"), isDone: false),
        Row(fault: "garbage", answer: .unknown(.answered), isDone: true),
    ])
    func `each fault of a sandbox create has its outcome and its effect on the books`(_ row: Row<CreateAnswer>)
        async throws
    {
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"create","fault":"\#(row.fault)","times":1}]"#)
            async let answer = world.provider().create(Sample.create())
            if row.waits { await world.letItEnd() }
            #expect(await answer.withoutReason == row.answer)
            #expect(await world.trade(Sample.number)?.creates == (row.isDone ? 1 : nil))
            let next = await world.provider().create(Sample.create())
            guard case .made = next else { return #expect(Bool(false), "the fault outlived its times: \(next)") }
        }
    }

    @Test(arguments: [
        Row(fault: "timeout", waits: true, answer: CloseAnswer.unknown(.unanswered), isDone: false),
        Row(fault: "lost", waits: true, answer: .unknown(.unanswered), isDone: true),
        Row(fault: "error", answer: .unknown(.answered), isDone: false),
        Row(fault: "refused", answer: .refused(reason: "REFUSED"), isDone: false),
        Row(fault: "garbage", answer: .unknown(.answered), isDone: true),
        Row(fault: "close_too_early", answer: .tooEarly, isDone: false),
        Row(fault: "no_such_trade", answer: .noSuchTrade, isDone: false),
    ])
    func `each fault of a sandbox close has its outcome and its effect on the books`(_ row: Row<CloseAnswer>)
        async throws
    {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            try await world.setFaults(#"[{"operation":"close","fault":"\#(row.fault)","times":1}]"#)
            async let answer = world.provider().close(Sample.trade())
            if row.waits { await world.letItEnd() }
            #expect(await answer.withoutReason == row.answer)
            #expect(await world.trade(Sample.number)?.state == (row.isDone ? .closed : .unpaid))
            #expect(await world.provider().query(Sample.trade()) == (row.isDone ? .closed : .unpaid))
            #expect(await world.provider().close(Sample.trade()) == .accepted)
        }
    }

    @Test(arguments: [
        Row(fault: "timeout", waits: true, answer: QueryAnswer.unknown(.unanswered), isDone: false),
        Row(fault: "lost", waits: true, answer: .unknown(.unanswered), isDone: false),
        Row(fault: "error", answer: .unknown(.answered), isDone: false),
        Row(fault: "refused", answer: .unknown(.answered), isDone: false),
        Row(fault: "garbage", answer: .unknown(.answered), isDone: false),
        Row(fault: "no_such_trade", answer: .noSuchTrade, isDone: false),
    ])
    func `each fault of a sandbox query has its outcome`(_ row: Row<QueryAnswer>) async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            try await world.setFaults(#"[{"operation":"query","fault":"\#(row.fault)","times":1}]"#)
            async let answer = world.provider().query(Sample.trade())
            if row.waits { await world.letItEnd() }
            #expect(await answer.withoutReason == row.answer)
            #expect(await world.provider().query(Sample.trade()) == .unpaid)
        }
    }

    @Test(arguments: [
        Row(fault: "timeout", waits: true, answer: RefundAnswer.unknown(.unanswered), isDone: false),
        Row(fault: "lost", waits: true, answer: .unknown(.unanswered), isDone: true),
        Row(fault: "error", answer: .unknown(.answered), isDone: false),
        Row(fault: "refused", answer: .refused(reason: "REFUSED"), isDone: false),
        Row(fault: "garbage", answer: .unknown(.answered), isDone: true),
    ])
    func `each fault of a sandbox refund has its outcome, also when it is queried`(_ row: Row<RefundAnswer>)
        async throws
    {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            _ = try await world.send(.post, "/trades/\(Sample.number)/pay")
            try await world.setFaults(#"[{"operation":"refund","fault":"\#(row.fault)","times":1}]"#)
            async let answer = world.provider().refund(Sample.refund())
            if row.waits { await world.letItEnd() }
            #expect(await answer.withoutReason == row.answer)
            #expect(await world.trade(Sample.number)?.refunded == (row.isDone ? 9_900 : 0))
            let known: RefundAnswer = row.isDone ? .succeeded() : .noSuchRefund
            #expect(await world.provider().follow(Sample.refund()).withoutTime == known)

            try await world.setFaults(#"[{"operation":"refund_query","fault":"\#(row.fault)","times":1}]"#)
            async let followed = world.provider().follow(Sample.refund())
            if row.waits { await world.letItEnd() }
            #expect(await followed.withoutReason == (row.fault == "refused" ? .unknown(.answered) : row.answer))

            #expect(await world.provider().refund(Sample.refund()).withoutTime == .succeeded())
            #expect(await world.trade(Sample.number)?.refunds.count == 1)
        }
    }

    @Test func `a slow sandbox call is processed and answered after its delay`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"create","fault":"slow","times":1,"ms":5000}]"#)
            async let answer = world.provider().create(Sample.create())
            await world.clock.waitForSleepers()
            #expect(await world.trade(Sample.number) == nil)
            world.clock.advance(by: .milliseconds(4_999))
            #expect(world.clock.sleepers == 1)
            world.clock.advance(by: .milliseconds(1))
            guard case .made = await answer else { return #expect(Bool(false), "no page") }
            #expect(await world.trade(Sample.number)?.creates == 1)
        }
    }

    @Test func `a slow sandbox call is processed after its client has disconnected`() async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            try await world.setFaults(#"[{"operation":"close","fault":"slow","times":1,"ms":5000}]"#)
            let call = Task { await world.provider().close(Sample.trade()) }
            await world.clock.waitForSleepers()
            call.cancel()
            #expect(await call.value.withoutReason == .unknown(.unanswered))
            #expect(await world.provider().query(Sample.trade()) == .unpaid)
            world.clock.advance(by: .seconds(5))
            await world.untilClosed()
        }
    }

    @Test func `the sandbox releases a held connection when its client disconnects`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"create","fault":"timeout","times":1}]"#)
            let call = Task { await world.provider().create(Sample.create()) }
            await world.clock.waitForSleepers()
            call.cancel()
            #expect(await call.value.withoutReason == .unknown(.unanswered))
            await world.clock.waitForNoSleepers()
        }
    }

    /// The clock stands still. A held connection that kept the process alive would exceed the test's time limit.
    @Test(arguments: ["timeout", "lost"])
    func `held sandbox connections end at shutdown`(_ fault: String) async throws {
        let (answers, answered) = AsyncStream<CreateAnswer>.makeStream()
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"create","fault":"\#(fault)","times":1}]"#)
            let provider = world.provider()
            Task { answered.yield(await provider.create(Sample.create())) }
            await world.clock.waitForSleepers()
        }
        var iterator = answers.makeAsyncIterator()
        #expect(await iterator.next()?.withoutReason == .unknown(.unanswered))
    }

    @Test func `an unsigned sandbox call consumes no fault`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"create","fault":"refused","times":1}]"#)
            #expect(try await world.send(.post, "/api/create", "{}").status == 401)
            #expect(await world.provider().create(Sample.create()) == .refused(reason: "REFUSED"))
        }
    }

    @Test func `a sandbox fault for one channel does not affect another`() async throws {
        try await withSandbox { world in
            try await world.setFaults(#"[{"operation":"create","fault":"error","times":1,"channel":"sandbox2"}]"#)
            guard case .made = await world.provider("sandbox").create(Sample.create()) else {
                return #expect(Bool(false), "the wrong channel")
            }
            let number = TradeNumber("20261122_0002_1")!
            let other = await world.provider("sandbox2").create(Sample.create(number, on: "sandbox2"))
            #expect(other.withoutReason == .unknown(.answered))
        }
    }
}

extension SandboxWorld {
    /// Waits for a call to be held, and then moves the clock past the longest hold.
    fileprivate func letItEnd() async {
        await clock.waitForSleepers()
        clock.advance(by: SandboxHold.longest)
    }

    /// Polls until the trade is closed. Nothing signals it, because the caller has disconnected.
    fileprivate func untilClosed() async {
        while await provider().query(Sample.trade()) != .closed { await Task.yield() }
    }
}
