import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The provider's notices, genuine and forged.
extension ProviderSuite {
    static func noticeCases(for traits: ProviderTraits) -> [Case] {
        var cases = [
            Case("a payment notice and a query give the same receipt", notice),
            Case("a repeated notice is the same notice", noticeAgain),
            Case("a notice with one changed byte is refused or unchanged in meaning", altered),
            Case("a notice without a header or its end is refused or unchanged in meaning", truncated),
            Case("only the reply for a stored notice stops the retries", replies),
        ]
        if traits.noticeWindow != nil { cases.append(Case("an old notice is refused", oldNotice)) }
        cases += refundNoticeCases(for: traits)
        if traits.noticesTellOfRefunds {
            cases.append(Case("a refund notice reports a completed refund", refundNotice))
        }
        return cases
    }

    @Sendable private static func notice(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let notice = try await bench.fake.notice(ofPayment: trade.number)
        let read = try bench.provider.verify(notice.raw, at: bench.clock.now())
        #expect(read.tradeNumber == trade.number)
        #expect(!read.id.isEmpty)
        guard case .payment(let told) = read.content else {
            throw FakeProblem("not a payment: \(read.content)")
        }
        #expect(told == receipt)
    }

    /// A repeat is signed anew, some time later.
    @Sendable private static func noticeAgain(_ bench: ProviderBench) async throws {
        let (trade, _) = try await bench.paid()
        let first = try await bench.fake.notice(ofPayment: trade.number)
        let read = try bench.provider.verify(first.raw, at: bench.clock.now())
        bench.clock.advance(by: .seconds(400))
        let second = try await bench.fake.notice(ofPayment: trade.number)
        #expect(try bench.provider.verify(second.raw, at: bench.clock.now()).words == read.words)
    }

    @Sendable private static func altered(_ bench: ProviderBench) async throws {
        let (trade, _) = try await bench.paid()
        let notice = try await bench.fake.notice(ofPayment: trade.number)
        let said = try bench.provider.verify(notice.raw, at: bench.clock.now()).words
        for index in notice.body.indices {
            var body = notice.body
            body[index] ^= 1
            let heard = bench.words(of: FakeNotice(headers: notice.headers, body: body))
            #expect(heard == nil || heard == said, "byte \(index) of the body")
        }
        for (index, header) in notice.headers.enumerated() {
            for position in header.value.utf8.indices {
                var headers = notice.headers
                var value = Array(header.value.utf8)
                value[header.value.utf8.distance(from: header.value.utf8.startIndex, to: position)] ^= 1
                headers[index] = FakeHeader(header.name, String(decoding: value, as: UTF8.self))
                let heard = bench.words(of: FakeNotice(headers: headers, body: notice.body))
                #expect(heard == nil || heard == said, "\(header.name)")
            }
        }
    }

    @Sendable private static func truncated(_ bench: ProviderBench) async throws {
        let (trade, _) = try await bench.paid()
        let notice = try await bench.fake.notice(ofPayment: trade.number)
        let said = try bench.provider.verify(notice.raw, at: bench.clock.now()).words
        for length in [0, 1, notice.body.count / 2, notice.body.count - 1] {
            let heard = bench.words(of: FakeNotice(headers: notice.headers, body: Array(notice.body.prefix(length))))
            #expect(heard == nil, "\(length) bytes of it")
        }
        #expect(bench.words(of: FakeNotice(headers: notice.headers, body: notice.body + notice.body)) == nil)
        for index in notice.headers.indices {
            var headers = notice.headers
            let header = headers.remove(at: index)
            let heard = bench.words(of: FakeNotice(headers: headers, body: notice.body))
            #expect(heard == nil || heard == said, "without \(header.name)")
        }
    }

    @Sendable private static func replies(_ bench: ProviderBench) async throws {
        let receptions: [NoticeReception] = [
            .stored, .notStored, .refused(.badSignature), .refused(.tooOld), .refused(.unreadable),
        ]
        for reception in receptions {
            let reply = bench.provider.reply(to: reception)
            let stops = bench.fake.expects(reply.status, reply.contentType, Array(reply.body.utf8))
            #expect(stops == (reception == .stored), "\(reception)")
        }
    }

    @Sendable private static func oldNotice(_ bench: ProviderBench) async throws {
        let window = try #require(bench.traits.noticeWindow)
        let (trade, _) = try await bench.paid()
        let notice = try await bench.fake.notice(ofPayment: trade.number)
        let now = bench.clock.now()
        #expect(throws: NoticeRefusal.tooOld) { try bench.provider.verify(notice.raw, at: now + window + .seconds(1)) }
        #expect(throws: NoticeRefusal.tooOld) { try bench.provider.verify(notice.raw, at: now - window - .seconds(1)) }
        _ = try bench.provider.verify(notice.raw, at: now + window - .seconds(1))
    }

    @Sendable private static func refundNotice(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt)
        #expect(await bench.provider.refund(refund).withoutTime == bench.refundTaken)
        try await bench.fake.finishRefund(refund.number)
        let notice = try #require(try await bench.fake.notice(ofRefund: refund.number))
        let read = try bench.provider.verify(notice.raw, at: bench.clock.now())
        #expect(read.tradeNumber == trade.number)
        guard case .refund(refund.number, .succeeded) = read.content else {
            throw FakeProblem("not a completed refund: \(read.content)")
        }
    }
}

extension ProviderNotice {
    /// All content of a notice.
    fileprivate var words: String { "\(id) \(tradeNumber) \(content)" }
}

extension ProviderBench {
    /// The content of a notice; nil if it is refused.
    fileprivate func words(of notice: FakeNotice) -> String? {
        try? provider.verify(notice.raw, at: clock.now()).words
    }
}
