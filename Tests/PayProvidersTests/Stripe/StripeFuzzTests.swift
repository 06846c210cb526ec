import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

@testable import PayProviders

/// Randomly altered messages, the same for the same seed.
@Suite struct StripeFuzzTests {
    private typealias Fixture = StripeFixture

    static let rounds = 10_000

    @Test func `of 10,000 mutated Stripe notices, none with altered signed content is accepted`() throws {
        var dice = StripeDice(seed: 20_261_122)
        let provider = Fixture.provider()
        let body = Array(Fixture.event("checkout.session.completed", StripeSample.paid().json).utf8)
        let time = "t=\(Fixture.nowSeconds)"
        let code = "v1=\(Fixture.signature(of: body))"
        let header = "\(time),\(code),v0=\(String(repeating: "0", count: 64))"
        _ = try provider.verify(
            Fixture.notice(String(decoding: body, as: UTF8.self), signedBy: header), at: Fixture.now)
        var accepted = 0
        for _ in 0..<Self.rounds {
            let mutatesBody = Bool.random(using: &dice)
            let newBody = mutatesBody ? dice.mutated(body) : body
            let newHeader =
                mutatesBody && Bool.random(using: &dice)
                ? header : String(decoding: dice.mutated(Array(header.utf8)), as: UTF8.self)
            let notice = RawNotice(headers: [.init(name: "Stripe-Signature", value: newHeader)], body: newBody)
            guard (try? provider.verify(notice, at: Fixture.now)) != nil else { continue }
            accepted += 1
            #expect(newBody == body)
            let fields = newHeader.split(separator: ",").map(String.init)
            #expect(fields.contains(time) && fields.contains(code))
        }
        // Messages with only an altered v0 are accepted. Without any, the test would prove nothing.
        #expect(accepted > 0)
    }

    @Test func `10,000 mutated but signed Stripe events are read or refused without a crash`() {
        var dice = StripeDice(seed: 20_261_125)
        let provider = Fixture.provider()
        let bodies = [
            Fixture.event("checkout.session.completed", StripeSample.paid().json),
            Fixture.event("refund.updated", StripeRefundSample().json),
        ].map { Array($0.utf8) }
        var read = 0
        for round in 0..<Self.rounds {
            let body = dice.mutated(bodies[round % bodies.count])
            let header = "t=\(Fixture.nowSeconds),v1=\(Fixture.signature(of: body))"
            let notice = RawNotice(headers: [.init(name: "Stripe-Signature", value: header)], body: body)
            if (try? provider.verify(notice, at: Fixture.now)) != nil { read += 1 }
        }
        // Some messages must parse and some must fail. Otherwise the parser was not tested.
        #expect((1..<Self.rounds).contains(read))
    }

    @Test func `10,000 mutated Stripe replies never crash or decide another trade`() async throws {
        var dice = StripeDice(seed: 20_261_123)
        let reply = Mutex(ProviderReply(status: 200))
        let provider = Fixture.provider(over: StripeScript { _ in reply.withLock { $0 } })
        let other = TradeNumber("another_order_7")!
        let otherTrade = Fixture.trade(other, named: ProviderReference("cs_test_another_session")!)
        let otherCreate = CreateRequest(
            tradeNumber: other, channel: Fixture.channel, stored: Fixture.stored(), terminal: .pc, openID: "",
            createdAt: Fixture.now)
        let bodies = [StripeSample(), .paid(), .expired()].map { Array($0.json.utf8) }
        for round in 0..<Self.rounds {
            let body = dice.mutated(bodies[round % bodies.count])
            reply.withLock { $0 = ProviderReply(status: 200, body: body) }
            switch await provider.query(otherTrade) {
            case .unknown: break
            case .paid, .unpaid, .closed, .noSuchTrade: #expect(Bool(false), "round \(round) decides another trade")
            }
            #expect(await provider.create(otherCreate).withoutReason == .unknown(.answered))
            #expect(await provider.close(otherTrade).withoutReason == .unknown(.answered))
            if case .paid(let receipt) = await provider.query(Fixture.trade()) {
                #expect(receipt.tradeNumber == Fixture.number)
            }
        }
    }

    @Test func `10,000 mutated Stripe refunds never crash or decide another refund`() async throws {
        var dice = StripeDice(seed: 20_261_124)
        let reply = Mutex(ProviderReply(status: 200))
        let provider = Fixture.provider(over: StripeScript { _ in reply.withLock { $0 } })
        let other = RefundRequest(
            number: "another_order_7_r1", tradeNumber: TradeNumber("another_order_7")!,
            transactionID: TransactionID("pi_of_another")!, money: Fixture.stored().money,
            total: Fixture.stored().money, cause: .duplicate, reason: nil, createdAt: Fixture.now)
        let bodies = [StripeRefundSample().json, StripeRefundSample.list([StripeRefundSample()])].map { Array($0.utf8) }
        for round in 0..<Self.rounds {
            let body = dice.mutated(bodies[round % bodies.count])
            reply.withLock { $0 = ProviderReply(status: 200, body: body) }
            #expect(await provider.refund(other).withoutReason == .unknown(.answered))
            let followed = await provider.follow(other)
            #expect(followed.withoutReason == .unknown(.answered) || followed == .noSuchRefund)
        }
    }
}

/// A random generator with a seed (SplitMix64).
struct StripeDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The bytes with one to three errors: flipped, removed, inserted, doubled or truncated.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &self) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1: bytes[index] = UInt8.random(in: .min ... .max, using: &self)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(UInt8.random(in: .min ... .max, using: &self), at: index)
            case 4:
                let end = min(index + Int.random(in: 1...40, using: &self), bytes.count)
                bytes.insert(contentsOf: bytes[index..<end], at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        return bytes
    }
}
