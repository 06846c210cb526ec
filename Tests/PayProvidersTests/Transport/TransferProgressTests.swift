import CCurl
import Testing

@testable import PayProviders

/// The caller's outcome, for each sequence of libcurl's callbacks.
@Suite struct TransferProgressTests {
    private let now = ContinuousClock.now

    private func progress(mayBeSentAgain: Bool = false) -> TransferProgress {
        TransferProgress(
            mayBeSentAgain: mayBeSentAgain, deadline: now + .seconds(8),
            answer: AnswerReader(headerLimit: 100, bodyLimit: 100))
    }

    @Test(arguments: [TransportError.Reason.timedOut, .cancelled, .shutDown])
    func `a request aborted before it began was never sent, and afterwards may have arrived`(
        reason: TransportError.Reason
    ) {
        var progress = progress()
        #expect(progress.abandon(reason) == TransportError(.neverSent, reason))

        _ = progress.begin(at: now)

        #expect(progress.abandon(reason) == TransportError(.mayHaveArrived, reason))
    }

    @Test(
        arguments: [
            (CURLE_OPERATION_TIMEDOUT, .connectTimedOut, .timedOut),
            (CURLE_COULDNT_RESOLVE_HOST, .couldNotResolve, .connectionBroken),
            (CURLE_COULDNT_CONNECT, .couldNotConnect, .connectionBroken),
            (CURLE_UNSUPPORTED_PROTOCOL, .schemeNotAllowed, .malformedAnswer),
            (CURLE_SSL_CONNECT_ERROR, .tlsFailed, .tlsFailed),
            (CURLE_OUT_OF_MEMORY, .other(code: 27), .answerTooLarge),
            (CURLE_FAILED_INIT, .other(code: 2), .other(code: 2)),
        ] as [(CURLcode, TransportError.Reason, TransportError.Reason)])
    func `a libcurl code means something else once the request has begun`(
        code: CURLcode, before: TransportError.Reason, after: TransportError.Reason
    ) {
        var progress = progress()
        #expect(progress.finish(code: code, status: 0) == .failure(TransportError(.neverSent, before)))

        _ = progress.begin(at: now)

        #expect(progress.finish(code: code, status: 0) == .failure(TransportError(.mayHaveArrived, after)))
    }

    @Test func `a second begin is forbidden, and the first request may have arrived`() {
        var progress = progress()

        let beginnings = [progress.begin(at: now), progress.begin(at: now)]

        #expect(beginnings == [true, false])

        let broken = TransportError(.mayHaveArrived, .connectionBroken)
        #expect(progress.finish(code: CURLE_ABORTED_BY_CALLBACK, status: 0) == .failure(broken))
    }

    @Test func `a repeatable request begins as often as libcurl tries`() {
        var progress = progress(mayBeSentAgain: true)

        let beginnings = [progress.begin(at: now), progress.begin(at: now), progress.begin(at: now)]
        _ = progress.readLine(Array("HTTP/1.1 204 No Content\r\n".utf8)) && progress.readLine(Array("\r\n".utf8))

        #expect(beginnings == [true, true, true])

        #expect(progress.finish(code: CURLE_OK, status: 204) == .success(ProviderReply(status: 204)))
    }

    @Test(arguments: [Duration.zero, .milliseconds(1), .seconds(60)])
    func `an expired request does not begin in libcurl and was never sent`(late: Duration) {
        var progress = progress()

        let begins = progress.begin(at: now + .seconds(8) + late)

        #expect(!begins)
        let over = TransportError(.neverSent, .timedOut)
        #expect(progress.finish(code: CURLE_ABORTED_BY_CALLBACK, status: 0) == .failure(over))
    }

    @Test func `an expired second try does not begin, and the first request may have arrived`() {
        var progress = progress(mayBeSentAgain: true)

        let beginnings = [progress.begin(at: now), progress.begin(at: now + .seconds(9))]

        #expect(beginnings == [true, false])
        let over = TransportError(.mayHaveArrived, .timedOut)
        #expect(progress.finish(code: CURLE_ABORTED_BY_CALLBACK, status: 0) == .failure(over))
    }

    @Test func `a folded header is one header`() {
        var reader = AnswerReader(headerLimit: 100, bodyLimit: 100)

        for line in ["HTTP/1.1 200 OK\r\n", "A: b\r\n", "\t c\r\n", "D:\r\n", "\r\n"] {
            _ = reader.readLine(Array(line.utf8))
        }

        #expect(reader.headers == [Header(name: "A", value: "b c"), Header(name: "D", value: "")])
    }

    @Test(arguments: [
        (Duration.zero, 1), (.seconds(-1), 1), (.nanoseconds(1), 1), (.microseconds(1_001), 2), (.seconds(8), 8_000),
        (.seconds(10_000_000), Int(Int32.max)),
    ])
    func `a time in libcurl's milliseconds is rounded up and never zero`(time: Duration, milliseconds: Int) {
        #expect(time.curlMilliseconds == milliseconds)
    }
}
