import PayCore
import PayTestSupport
import Synchronization
import Testing

@testable import PayProviders

/// A transport that answers by a script, and can hold each call.
final class GuardScript: ProviderTransport {
    typealias Line = Result<ProviderReply, TransportError>

    private let state: Mutex<(line: Line, hold: Hold?, requests: [ProviderRequest])>

    init(_ line: Line, hold: Hold? = nil) {
        state = Mutex((line, hold, []))
    }

    var requests: [ProviderRequest] { state.withLock { $0.requests } }

    func answers(_ line: Line) {
        state.withLock { $0.line = line }
    }

    func isHeld(by hold: Hold) {
        state.withLock { $0.hold = hold }
    }

    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        let hold = state.withLock { state in
            state.requests.append(request)
            return state.hold
        }
        await hold?.stop()
        return try state.withLock { $0.line }.get()
    }

    static func answer(_ status: Int, _ headers: [Header] = []) -> Line {
        .success(ProviderReply(status: status, headers: headers))
    }

    static func failure(_ reason: TransportError.Reason, _ reach: TransportError.Reach = .mayHaveArrived) -> Line {
        .failure(TransportError(reach, reason))
    }
}

@Suite(.timeLimit(.minutes(2))) struct `A guarded transport` {
    private let clock = HandMovedClock()
    private let request = ProviderRequest(method: .get, url: "http://127.0.0.1/")
    private let leftAlone = TransportError(.neverSent, .leftAlone)

    private func guarding(
        _ script: GuardScript, atOnce: Int = 16, inLine: Int = 256, changes: Changes = Changes()
    ) -> GuardedTransport {
        GuardedTransport(
            script, clock: clock, limits: .init(callsAtOnce: atOnce, callsInLine: inLine), jitter: { 0 },
            onChange: changes.note)
    }

    private func outcome(_ transport: GuardedTransport) async -> GuardScript.Line {
        do throws(TransportError) { return .success(try await transport.send(request)) } catch {
            return .failure(error)
        }
    }

    private func call(_ transport: GuardedTransport, times: Int) async {
        for _ in 0..<times { _ = await outcome(transport) }
    }

    // MARK: The circuit

    @Test(arguments: [
        GuardScript.answer(500), GuardScript.answer(503), GuardScript.answer(599), GuardScript.failure(.timedOut),
        GuardScript.failure(.connectionBroken), GuardScript.failure(.malformedAnswer),
        GuardScript.failure(.answerTooLarge), GuardScript.failure(.couldNotConnect, .neverSent),
        GuardScript.failure(.couldNotResolve, .neverSent), GuardScript.failure(.connectTimedOut, .neverSent),
        GuardScript.failure(.tlsFailed, .neverSent), GuardScript.failure(.tlsNotTrusted, .neverSent),
        GuardScript.failure(.other(code: 7)),
    ]) func `a provider that fails ten times in a row is paused and then probed`(
        failure: GuardScript.Line
    ) async {
        // Given
        let (script, changes) = (GuardScript(failure), Changes())
        let transport = guarding(script, changes: changes)
        await call(transport, times: 10)

        // Then
        #expect(transport.pause(at: clock.now()) == .seconds(5))
        #expect(await outcome(transport) == .failure(leftAlone))
        #expect(script.requests.count == 10 && changes.all == [.opened(.seconds(5))])

        // When
        clock.advance(by: .seconds(5))
        #expect(transport.pause(at: clock.now()) == nil)
        script.answers(GuardScript.answer(200))

        // Then
        #expect(await outcome(transport) == GuardScript.answer(200))
        #expect(changes.all == [.opened(.seconds(5)), .closed] && script.requests.count == 11)
    }

    @Test(arguments: [
        GuardScript.answer(200), GuardScript.answer(302), GuardScript.answer(400), GuardScript.answer(401),
        GuardScript.answer(404), GuardScript.failure(.cancelled), GuardScript.failure(.badURL, .neverSent),
        GuardScript.failure(.badHeader, .neverSent), GuardScript.failure(.schemeNotAllowed, .neverSent),
        GuardScript.failure(.shutDown, .neverSent),
    ]) func `local errors and error answers do not open the circuit`(
        line: GuardScript.Line
    ) async {
        let (script, changes) = (GuardScript(line), Changes())
        let transport = guarding(script, changes: changes)
        await call(transport, times: 30)
        #expect(script.requests.count == 30 && changes.all.isEmpty && transport.pause(at: clock.now()) == nil)
    }

    @Test func `only one probe is sent while other calls are rejected`() async {
        let (script, hold) = (GuardScript(GuardScript.answer(500)), Hold())
        let held = GuardScript(GuardScript.answer(200), hold: hold)
        let switching = SwitchedScript(script)
        let transport = GuardedTransport(switching, clock: clock, jitter: { 0 })
        await call(transport, times: 10)
        clock.advance(by: .seconds(5))
        switching.goOn(by: held)
        let probe = Task { await outcome(transport) }
        await hold.waitForArrival()
        #expect(await outcome(transport) == .failure(leftAlone))
        #expect(transport.pause(at: clock.now()) == .seconds(1))
        hold.release()
        #expect(await probe.value == GuardScript.answer(200))
        #expect(transport.pause(at: clock.now()) == nil && held.requests.count == 1)
    }

    @Test func `a guarded transport never sends a request twice`() async {
        for line in [GuardScript.answer(500), GuardScript.answer(429), GuardScript.failure(.timedOut)] {
            let script = GuardScript(line)
            _ = await outcome(guarding(script))
            #expect(script.requests == [request])
        }
    }

    // MARK: Rate limits

    @Test func `a provider that rate-limits gets no calls during the pause`() async {
        let (script, changes) = (GuardScript(GuardScript.answer(429)), Changes())
        let transport = guarding(script, changes: changes)
        #expect(await outcome(transport) == GuardScript.answer(429))
        #expect(transport.pause(at: clock.now()) == .milliseconds(500))
        #expect(await outcome(transport) == .failure(leftAlone))
        clock.advance(by: .milliseconds(500))
        _ = await outcome(transport)
        #expect(transport.pause(at: clock.now()) == .seconds(1))
        #expect(changes.all == [.slowedDown(.milliseconds(500)), .slowedDown(.seconds(1))])
    }

    @Test(arguments: [
        ("7", Duration.seconds(7)), ("3600", .seconds(60)), ("0", .milliseconds(500)), ("-3", .milliseconds(500)),
        ("Sun, 22 Nov 2026 10:00:00 GMT", .milliseconds(500)), ("99999999999999999999", .milliseconds(500)),
    ]) func `the seconds of a Retry-After set the pause`(text: String, pause: Duration) async {
        let script = GuardScript(GuardScript.answer(429, [Header(name: "retry-after", value: text)]))
        let transport = guarding(script)
        _ = await outcome(transport)
        #expect(transport.pause(at: clock.now()) == pause)
    }

    @Test func `an adapter's report of a rate limit pauses calls, longer each time`() async {
        let transport = guarding(GuardScript(GuardScript.answer(200)))
        for pause in [0.5, 1, 2] {
            _ = await outcome(transport)
            transport.slowDown()
            #expect(transport.pause(at: clock.now()) == .seconds(pause))
            #expect(await outcome(transport) == .failure(leftAlone))
            clock.advance(by: .seconds(pause))
        }
    }

    @Test func `rate-limited answers do not open the circuit`() async {
        let (script, changes) = (GuardScript(GuardScript.answer(429)), Changes())
        let transport = guarding(script, changes: changes)
        for _ in 0..<20 {
            _ = await outcome(transport)
            clock.advance(by: .seconds(60))
        }
        #expect(script.requests.count == 20 && !changes.all.contains(.opened(.seconds(5))))
    }

    // MARK: The queue

    @Test func `calls beyond the limit wait and run in their order`() async {
        let hold = Hold()
        let transport = guarding(GuardScript(GuardScript.answer(200), hold: hold), atOnce: 1)
        let first = Task { await outcome(transport) }
        await hold.waitForArrival()
        let second = Task { await outcome(transport) }
        await clock.waitForSleepers(1)
        hold.release()
        #expect(await first.value == GuardScript.answer(200))
        #expect(await second.value == GuardScript.answer(200))
        await clock.waitForNoSleepers()
    }

    @Test func `a call that waits too long for its turn fails as never sent`() async {
        let hold = Hold()
        let script = GuardScript(GuardScript.answer(200), hold: hold)
        let transport = guarding(script, atOnce: 1)
        let first = Task { await outcome(transport) }
        await hold.waitForArrival()
        let second = Task { await outcome(transport) }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(4))
        #expect(await second.value == GuardScript.failure(.timedOut, .neverSent))
        hold.release()
        #expect(await first.value == GuardScript.answer(200))
        #expect(script.requests.count == 1 && transport.pause(at: clock.now()) == nil)
    }

    @Test func `the wait for a turn is subtracted from the time-out of the call`() async {
        let hold = Hold()
        let script = GuardScript(GuardScript.answer(200), hold: hold)
        let transport = guarding(script, atOnce: 1)
        let first = Task { await outcome(transport) }
        await hold.waitForArrival()
        let second = Task { await outcome(transport) }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(3))
        hold.release()
        _ = await (first.value, second.value)
        #expect(script.requests.map(\.timeLimit) == [nil, .seconds(5)])
    }

    @Test(arguments: [Duration.seconds(3_600), .seconds(-3_600)])
    func `the wait for a turn is measured by uptime, not by the clock`(step: Duration) async {
        let hold = Hold()
        let script = GuardScript(GuardScript.answer(200), hold: hold)
        let transport = guarding(script, atOnce: 1)
        let first = Task { await outcome(transport) }
        await hold.waitForArrival()
        let second = Task { await outcome(transport) }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(3))
        clock.set(by: step)
        hold.release()
        #expect(await first.value == GuardScript.answer(200))
        #expect(await second.value == GuardScript.answer(200))
        #expect(script.requests.map(\.timeLimit) == [nil, .seconds(5)])
    }

    @Test func `an expired call is not sent and does not count as a failure`() async {
        let script = GuardScript(GuardScript.answer(200))
        let transport = guarding(script)
        let beginning = clock.uptime()
        clock.advance(by: .seconds(8))
        for _ in 1...20 {
            await #expect(throws: TransportError(.neverSent, .timedOut)) {
                try await transport.send(request, since: beginning)
            }
        }
        #expect(script.requests.isEmpty && transport.pause(at: clock.now()) == nil)
    }

    @Test func `a cancelled call gives up its place in the queue`() async {
        let hold = Hold()
        let script = GuardScript(GuardScript.answer(200), hold: hold)
        let transport = guarding(script, atOnce: 1, inLine: 1)
        let first = Task { await outcome(transport) }
        await hold.waitForArrival()
        let second = Task { await outcome(transport) }
        await clock.waitForSleepers(1)
        #expect(await outcome(transport) == GuardScript.failure(.tooManyCalls, .neverSent))
        second.cancel()
        #expect(await second.value == GuardScript.failure(.cancelled, .neverSent))
        await clock.waitForNoSleepers()
        let third = Task { await outcome(transport) }
        await clock.waitForSleepers(1)
        hold.release()
        #expect(await first.value == GuardScript.answer(200))
        #expect(await third.value == GuardScript.answer(200))
        #expect(script.requests.count == 2)
    }

    @Test func `calls that waited while the circuit opened are rejected`() async {
        let script = GuardScript(GuardScript.answer(500))
        let transport = guarding(script, atOnce: 1)
        for _ in 0..<9 { #expect(await outcome(transport) == GuardScript.answer(500)) }
        let hold = Hold()
        script.isHeld(by: hold)
        let tenth = Task { await outcome(transport) }
        await hold.waitForArrival()
        let waiting = Task { await outcome(transport) }
        await clock.waitForSleepers(1)
        hold.release()
        #expect(await tenth.value == GuardScript.answer(500))
        #expect(await waiting.value == .failure(leftAlone) && script.requests.count == 10)
    }

    @Test func `hundreds of concurrent, waiting and cancelled calls all finish`() async {
        let script = GuardScript(GuardScript.answer(200))
        let transport = guarding(script, atOnce: 3, inLine: 1_000)
        await withTaskGroup(of: Void.self) { tasks in
            for index in 0..<500 {
                tasks.addTask {
                    let call = Task { await outcome(transport) }
                    if index.isMultiple(of: 3) { call.cancel() }
                    _ = await call.value
                }
            }
        }
        #expect(await outcome(transport) == GuardScript.answer(200))
        await clock.waitForNoSleepers()
    }
}

/// Records the changes that a guard reports.
final class Changes: Sendable {
    private let noted = Mutex<[GuardedTransport.Change]>([])

    var all: [GuardedTransport.Change] { noted.withLock { $0 } }

    @Sendable func note(_ change: GuardedTransport.Change) {
        noted.withLock { $0.append(change) }
    }
}

/// A transport that can be replaced while it is in use.
private final class SwitchedScript: ProviderTransport {
    private let current: Mutex<GuardScript>

    init(_ script: GuardScript) {
        current = Mutex(script)
    }

    func goOn(by script: GuardScript) {
        current.withLock { $0 = script }
    }

    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        try await current.withLock { $0 }.send(request)
    }
}
