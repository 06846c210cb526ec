import ArgumentParser
import PayAPI
import PayCore
import PayFlow
import PayProviders
import Testing

@testable import paypage

/// `paypage attention`, and the conditions that a service reports.
@Suite struct AttentionTableTests {
    private let noon = Instant(milliseconds: 1_795_348_800_000)
    private let sandbox = Channel("sandbox")!

    @Test func `nothing to do is said in words`() {
        #expect(AttentionTable(Attention(items: [], counts: [:])).text == "nothing waits for a person")
    }

    @Test func `each thing has one line with the command, and omitted things are counted`() {
        let items = [
            AttentionItem(.channelPaused(sandbox), since: noon), AttentionItem(.circuitOpen(sandbox), since: noon),
        ]
        let lines = AttentionTable(Attention(items: items, counts: [.channelPaused: 1, .circuitOpen: 3]))
            .text.split(separator: "\n").map { $0.split(separator: /\s{2,}/).map(String.init) }
        #expect(lines[0] == ["SEVERITY", "SINCE", "KIND", "COMMAND", "WHAT"])
        #expect(
            lines[1]
                == [
                    "critical", "2026-11-22T12:00:00Z", "circuit_open", "paypage doctor",
                    "the provider of sandbox does not answer, calls are paused",
                ])
        #expect(
            lines[2].prefix(4) == ["info", "2026-11-22T12:00:00Z", "channel_paused", "paypage channels resume sandbox"])
        #expect(lines[3] == ["2 more of kind circuit_open: use --limit"])
        #expect(lines.count == 4)
    }

    @Test func `a provider's text can't control the terminal`() {
        let trade = TradeNumber("order_1_1")!
        let item = AttentionItem(.unknownRefusal(trade, sandbox, answer: "a\u{1B}[2J\nb"), since: noon)
        let lines = AttentionTable(Attention(items: [item], counts: [:])).text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[1].hasSuffix("a [2J b"))
    }

    @Test func `the JSON has every kind's count, and only the fields of the thing`() {
        let item = AttentionItem(.certificateEnds(sandbox, name: "5DEA", at: noon), since: noon)
        let json = JSONObject(AttentionAnswer(Attention(items: [item], counts: [.certificateEnds: 1])))
        #expect(json["counts"].keys == Set(AttentionKind.allCases.map(\.rawValue)))
        #expect(json["counts"]["certificate_ends"] == 1)
        #expect(json["counts"]["dispute"] == 0)
        #expect(
            json["items"][0].keys
                == ["kind", "severity", "since", "channel", "certificate", "ends_at", "detail", "command"])
        #expect(JSONObject(AttentionAnswer(Attention(items: [], counts: [:])))["items"] == [])
    }

    @Test(arguments: [["--limit", "0"], ["--limit", "10001"], ["--output", "yaml"], ["extra"]])
    func `attention refuses invalid options`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Paypage.parseAsRoot(["attention"] + arguments) }
    }

    @Test func `a circuit is open since its first opening, until it closes`() {
        let circuits = OpenCircuits()
        #expect(circuits.conditions == [])
        circuits.note(.opened(.seconds(5)), of: sandbox, at: noon)
        circuits.note(.opened(.seconds(10)), of: sandbox, at: noon + .seconds(6))
        circuits.note(.slowedDown(.seconds(1)), of: ProviderKind.alipay.shortFormChannel, at: noon)
        #expect(circuits.conditions == [.circuitOpen(sandbox, since: noon)])
        circuits.note(.closed, of: ProviderKind.alipay.shortFormChannel, at: noon)
        #expect(circuits.conditions.count == 1)
        circuits.note(.closed, of: sandbox, at: noon + .seconds(20))
        #expect(circuits.conditions == [])
        circuits.note(.opened(.seconds(5)), of: sandbox, at: noon + .seconds(30))
        #expect(circuits.conditions == [.circuitOpen(sandbox, since: noon + .seconds(30))])
    }
}
