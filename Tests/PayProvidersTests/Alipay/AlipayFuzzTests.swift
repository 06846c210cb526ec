import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// Randomly altered replies and notices. Nothing crashes, and nothing unsigned is believed.
@Suite struct AlipayFuzzTests {
    static let seed: UInt64 = 20_261_123
    static let rounds = 10_000

    @Test func `of 10,000 mutated Alipay replies, only signed content is believed`() {
        let nodes = [
            AlipayAnswerTests.trade("TRADE_SUCCESS"), AlipayAnswerTests.trade("WAIT_BUYER_PAY"),
            AlipayAnswerTests.trade("TRADE_CLOSED", ["send_pay_date": nil]),
            #"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"…"}"#,
        ]
        let originals = nodes.map { AlipayFixture.reply($0, to: .query).body }
        let signed = Set(nodes.map { Array($0.utf8) })
        let words = [
            #""alipay_trade_query_response":"#, #""error_response":"#, #""sign":"#, #","sign":"""#, "{", "}", "\"",
            "\\",
            ",", ":", "[", "]", " ", "\u{0}", "TRADE_SUCCESS", "TRADE_CLOSED", "99.00", "10000", "\u{FEFF}",
        ].map { Array($0.utf8) }
        var mutator = AlipayMutator(seed: Self.seed, originals: originals, words: words)
        var believed = 0
        for round in 1...Self.rounds {
            let body = mutator.next()
            let outcome = AlipayOutcome(
                ProviderReply(status: 200, body: body), to: .query, about: AlipayFixture.trade.number,
                trust: .publicKey(AlipayFixture.alipay.verifying), at: AlipayFixture.now)
            switch outcome {
            case .done, .signed:
                believed += 1
                let found = AlipayReplyScanner.scan(body, node: AlipayMethod.query.node)
                #expect(found.map { signed.contains($0.node) } == true, "seed \(Self.seed), round \(round)")
            case .unsigned, .neverSent, .unknown: break
            }
        }
        // Some mutations have no effect. Without any believed message the test would prove nothing.
        #expect((1..<Self.rounds / 2).contains(believed), "seed \(Self.seed): \(believed) believed")
    }

    @Test func `of 10,000 mutated Alipay notices, only signed content is believed`() {
        let empty: [String: String?] = ["body": "", "gmt_refund": ""]
        let originals = [
            AlipayNoticeTests.body(), AlipayNoticeTests.body(["trade_status": "TRADE_CLOSED"]),
            AlipayNoticeTests.body(empty), AlipayNoticeTests.body(empty, covering: .withoutEmpty),
            AlipayNoticeTests.body(["out_trade_no": "20261122_0002_1", "total_amount": "0.01", "notify_id": "2"]),
        ]
        let signed = Set(originals.map(Self.meaning))
        let words = [
            "&", "=", "%", "+", "%26", "%3D", "&total_amount=0.01", "&sign_type=RSA2", "&sign=", "&trade_status=",
            "&x=", "TRADE_SUCCESS", "TRADE_CLOSED", "%00", "\u{0}", "茶", "%E8%8C", "&&",
        ].map { Array($0.utf8) }
        var mutator = AlipayMutator(seed: Self.seed + 1, originals: originals.map { Array($0.utf8) }, words: words)
        let provider = AlipayFixture.provider()
        var believed = 0
        for round in 1...Self.rounds {
            let body = mutator.next()
            let read = try? provider.verify(RawNotice(headers: [], body: body), at: AlipayFixture.now)
            guard read != nil else { continue }
            believed += 1
            let meaning = Self.meaning(String(decoding: body, as: UTF8.self))
            #expect(signed.contains(meaning), "seed \(Self.seed + 1), round \(round)")
        }
        #expect((1..<Self.rounds / 2).contains(believed), "seed \(Self.seed + 1): \(believed) believed")
    }

    /// The values of the meaningful fields, read without the adapter's code.
    private static func meaning(_ body: String) -> [String: String] {
        AlipayReading.form(body).filter { !$0.value.isEmpty && !["sign", "sign_type"].contains($0.key) }
    }
}

/// Alters messages at random, in the same way for the same seed.
private struct AlipayMutator {
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var number = state
            number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
            number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
            return number ^ (number >> 31)
        }
    }

    private var numbers: Numbers
    private let originals: [[UInt8]]
    private let words: [[UInt8]]

    init(seed: UInt64, originals: [[UInt8]], words: [[UInt8]]) {
        numbers = Numbers(state: seed)
        self.originals = originals
        self.words = words
    }

    mutating func next() -> [UInt8] {
        var message = originals[number(below: originals.count)]
        for _ in 0...number(below: 3) { mutate(&message) }
        return message
    }

    private mutating func mutate(_ message: inout [UInt8]) {
        guard !message.isEmpty else { return }
        let place = number(below: message.count)
        switch number(below: 8) {
        case 0: message[place] ^= 1 << UInt8(number(below: 8))
        case 1: message[place] = UInt8(number(below: 256))
        case 2: message.removeSubrange(place..<min(message.count, place + 1 + number(below: 8)))
        case 3: message.insert(contentsOf: words[number(below: words.count)], at: place)
        case 4: message.removeLast(message.count - place)
        case 5:
            message.insert(contentsOf: message[place..<min(message.count, place + 1 + number(below: 400))], at: place)
        case 6:
            let other = originals[number(below: originals.count)]
            message = Array(message[..<place]) + other[min(place, other.count)...]
        default:
            let other = number(below: message.count)
            message.swapAt(place, other)
        }
    }

    private mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &numbers) }
}
