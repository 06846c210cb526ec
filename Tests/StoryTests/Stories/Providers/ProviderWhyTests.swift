import Foundation
import LedgerSQL
import PayCore
import PayFlow
import PayProviders
import ProviderFakes
import SQLiteStore
import Testing

/// Refusals with codes that no table contains: they decide nothing, and are reported.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ProviderWhyTests {
    private static let codes: [PlayedName: String] = [
        .alipay: "ACQ.SELLER_BEEN_BLOCKED", .wechat: "USER_ACCOUNT_ABNORMAL", .stripe: "account_restricted",
    ]
    private static let balanceCodes: [PlayedName: String] = [
        .alipay: "ACQ.SELLER_BALANCE_NOT_ENOUGH", .wechat: "NOT_ENOUGH", .stripe: "balance_insufficient",
    ]

    /// A duplicate payment; the payment at that provider is refunded.
    private func payTwice(with name: PlayedName, _ play: HandMovedPlay) async throws {
        let order = HandMovedPlay.order.text
        let other = name == .alipay ? PlayedName.wechat : name
        let old = try await play.firstPay(on: .alipay, life: .seconds(1_800))
        let page = try await play.repay(on: other, terminal: .pc)
        try await play.open(page, on: other)
        try await play.open(old, on: .alipay)
        _ = try await play.players[other].pay("\(order)_2")
        _ = try await play.players.alipay.pay("\(order)_1")
        let honest = name == .alipay ? (other, "_2") : (PlayedName.alipay, "_1")
        let twice = name == .alipay ? (PlayedName.alipay, "_1") : (other, "_2")
        #expect(try await play.tell(order + honest.1, on: honest.0))
        #expect(try await play.tell(order + twice.1, on: twice.0))
    }

    private func refund(_ play: HandMovedPlay) async throws -> Refund {
        try #require(try await play.stored().refunds.first)
    }

    /// The back-off doubles: one more try is due at each of these moments.
    private static let tries = [0, 100, 200, 400, 800]

    @Test(arguments: PlayedName.allCases)
    func `a refund refused with an unknown code needs attention, is retried, and succeeds`(
        _ name: PlayedName
    ) async throws {
        try await HandMovedPlay.run { play in
            play.players[name].arm(.unlisted, on: .refund, times: Self.tries.count)
            try await payTwice(with: name, play)
            for (index, seconds) in Self.tries.enumerated() {
                #expect(try await refund(play).state == .pending)
                #expect(try await refund(play).refusedTries?.count ?? 0 == index)
                play.move(to: .seconds(seconds))
                try await play.runClockwork()
            }
            #expect(try await refund(play).state == .needsAttention)
            #expect(try await refund(play).providerCode == Self.codes[name])
            let told = try await play.ledger.history(of: HandMovedPlay.order).compactMap { entry -> String? in
                switch entry.what {
                case .noted(.called(.refund, _, let answer)): answer
                case .told(let record) where record.kind == .refundNeedsAttention: record.kind.rawValue
                default: nil
                }
            }
            #expect(
                told.filter { $0.hasPrefix("unknown, unlisted refusal: code:\(Self.codes[name] ?? "-")") }.count == 5,
                "\(told)")
            #expect(told.filter { $0 == "refund.needs_attention" }.count == 1, "\(told)")

            // The account is corrected.
            play.move(to: .seconds(1_600))
            try await play.runClockwork()
            let number = try await refund(play).number
            try await play.players[name].finishRefund(number)
            play.move(to: .seconds(8_000))
            try await play.runClockwork()
            #expect(try await refund(play).state == .succeeded)
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `a refund that the merchant's balance does not cover needs attention at once`(_ name: PlayedName) async throws
    {
        try await HandMovedPlay.run { play in
            play.players[name].arm(.lowBalance, on: .refund, times: 1)
            try await payTwice(with: name, play)
            play.move(to: .seconds(10))
            try await play.runClockwork()
            #expect(try await refund(play).state == .needsAttention)
            #expect(try await refund(play).providerCode == Self.balanceCodes[name])
            play.move(to: .seconds(100))
            try await play.runClockwork()
            #expect([.submitted, .succeeded].contains(try await refund(play).state))
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `a create refused with an unknown code is unknown, and its reason is reported everywhere`(
        _ name: PlayedName
    ) async throws {
        try await Play.run(["PAYPAGE_ALIPAY_PC_METHOD": "precreate"]) { play in
            let (order, fake, code) = ("blocked_\(name)", play.players[name], Self.codes[name] ?? "-")
            fake.arm(.unlisted, on: .create)
            let refused = try await play.service.firstPay(order, channel: name.rawValue)
            #expect(refused.status == 504 && refused.code == "PAY_PROVIDER_UNKNOWN", "\(refused.text)")
            let problem = try refused.read(WhyView.self)
            #expect(problem == WhyView(reason: "code:\(code)", provider_code: code))
            #expect(try await play.service.attempts(order) == ["_1 creating"])

            let line = try await play.service.process.errors.first("the log says why") {
                $0.contains("provider call outcome unknown") ? $0 : nil
            }
            for part in [
                #""level":"warning""#, #""trade.no":"\#(order)_1""#, #""order.no":"\#(order)""#,
                #""provider.channel":"\#(name)""#, #""provider.operation":"create""#, #""provider.code":"\#(code)""#,
            ] { #expect(line.contains(part), "\(line)") }

            let shown = try await Paypage.run(
                ["orders", "show", order], settings: play.story.database, in: play.story.folder)
            #expect(shown.output.contains("create _1: unknown, unlisted refusal: code:\(code)"), "\(shown.output)")

            let metrics = try await play.service.call(.get, "/metrics").text
            let series = #"{channel="\#(name)",operation="create",outcome="unknown",reason="code:\#(code)"} 1"#
            #expect(metrics.contains(series))
        }
    }

    @Test(arguments: [PlayedName.wechat, .stripe])
    func `a create that is refused for good is reported with its code`(_ name: PlayedName) async throws {
        try await Play.run { play in
            play.players[name].arm(.refused, on: .create)
            let refused = try await play.service.firstPay("refused_\(name)", channel: name.rawValue)
            #expect(refused.status == 502 && refused.code == "PAY_ORDER_FAIL")
            let code = name == .wechat ? "RULE_LIMIT" : "parameter_invalid"
            #expect(try refused.read(WhyView.self) == WhyView(reason: nil, provider_code: code))
        }
    }
}

/// The members of a problem that explain it.
private struct WhyView: Decodable, Hashable, Sendable {
    let reason: String?
    let provider_code: String?
}
