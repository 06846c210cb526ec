import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// SplitMix64. The same seed gives the same test.
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension Dice {
    /// The bytes with one to four changes. They may come out the same.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...changed.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0 where place < changed.count: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1 where place < changed.count: changed.remove(at: place)
            case 2: changed.insert(UInt8.random(in: .min ... .max, using: &self), at: place)
            case 3: changed = Array(changed[..<place])
            default: changed.insert(contentsOf: changed[place...].prefix(8), at: place)
            }
        }
        return changed
    }
}

@Suite struct WeChatPayFuzzTests {
    private typealias Fixture = WeChatPayFixture
    private static let rounds = 10_000

    @Test func `of 10,000 mutated WeChat answers, unsigned content decides nothing`() async {
        var dice = Dice(state: 20_261_122)
        let message = WeChatPayTestMessage(Fixture.paid())
        let headers = message.headers
        for round in 0..<Self.rounds {
            let body = round % 2 == 0 ? dice.mutate(message.body) : message.body
            let changed =
                round % 2 == 0
                ? headers
                : headers.map { header in
                    guard header.name != "Request-ID", Bool.random(using: &dice) else { return header }
                    return Header(
                        name: header.name, value: String(decoding: dice.mutate(Array(header.value.utf8)), as: UTF8.self)
                    )
                }
            let reply = ProviderReply(status: 200, headers: changed, body: body)
            let isSame = body == message.body && changed == headers
            let answer = await Fixture.provider(answered: reply).query(Fixture.trade)
            #expect(answer.withoutReason == (isSame ? .paid(Fixture.receipt) : .unknown(.answered)), "round \(round)")
        }
    }

    @Test func `of 10,000 mutated WeChat notices, unsigned content is never accepted`() {
        var dice = Dice(state: 20_261_123)
        let message = WeChatPayTestMessage(Fixture.envelope(Fixture.paid()))
        let whole = message.notice
        for round in 0..<Self.rounds {
            let body = round % 2 == 0 ? dice.mutate(whole.body) : whole.body
            let headers =
                round % 2 == 0
                ? whole.headers
                : whole.headers.map { header in
                    guard header.name != "Request-ID", Bool.random(using: &dice) else { return header }
                    return RawNotice.Header(
                        name: header.name, value: String(decoding: dice.mutate(Array(header.value.utf8)), as: UTF8.self)
                    )
                }
            let isSame = body == whole.body && zip(headers, whole.headers).allSatisfy { $0.value == $1.value }
            let read = try? Fixture.listener.verify(RawNotice(headers: headers, body: body), at: Fixture.now)
            #expect((read != nil) == isSame, "round \(round)")
        }
    }

    @Test func `10,000 mutated but signed WeChat contents are read or refused without a crash`() async {
        var dice = Dice(state: 20_261_124)
        let account = WeChatPayAccount(channel: Fixture.channel, merchantID: "1900007291")
        for _ in 0..<Self.rounds {
            let body = dice.mutate(Array(Fixture.paid().utf8))
            let answer = QueryAnswer(
                .done(status: 200, body: body), about: Fixture.number, to: account, at: Fixture.now)
            if case .paid(let receipt) = answer { #expect(receipt.tradeNumber == Fixture.number) }
            _ = WeChatPayOutcome(unsigned: ProviderReply(status: 400, body: dice.mutate(Array(#"{"code":"A"}"#.utf8))))
            _ = WeChatPayWire.decode(
                WeChatPayWire.Envelope.self, from: dice.mutate(Array(WeChatPayVectors.sealed.utf8)))
        }
    }
}
