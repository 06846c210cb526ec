import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// The adapter's terms, by its configuration.
@Suite struct SandboxTermsTests {
    /// A requested page and the expected result.
    struct Row: Sendable {
        let pcKind: SandboxConfiguration.PCKind
        let scope: SandboxConfiguration.TradeScope
        let terminal: Terminal
        let kind: PageKind
        let serves: Set<Terminal>

        init(
            _ pcKind: SandboxConfiguration.PCKind, _ scope: SandboxConfiguration.TradeScope, _ terminal: Terminal,
            _ kind: PageKind, _ serves: Set<Terminal>
        ) {
            self.pcKind = pcKind
            self.scope = scope
            self.terminal = terminal
            self.kind = kind
            self.serves = serves
        }
    }

    @Test func `a sandbox trade serves all terminals but those inside WeChat, unless its scope is one terminal`() {
        let order = SandboxFixture.configuration(tradeScope: .order).terms
        let strict = SandboxFixture.configuration(tradeScope: .terminal).terms
        #expect(Set(order.trades.keys) == [.pc, .h5, .app])
        #expect(Set(strict.trades.keys) == [.pc, .h5, .app])
        for terminal in [Terminal.pc, .h5, .app] {
            #expect(order.trades[terminal]?.serves == [.pc, .h5, .app])
            #expect(strict.trades[terminal]?.serves == [terminal])
        }
    }

    @Test func `the sandbox's terms: a proven close, repeatable numbers, no revival`() throws {
        let terms = try #require(SandboxFixture.configuration().terms.trades[.pc])
        #expect(terms.closeCanBeProven)
        #expect(terms.numberMayBeAskedAgain)
        #expect(!terms.exposedCanBeRevived)
        #expect(!terms.isBoundToPayer)
        #expect(terms.shortestLife == .refuseBelow(.seconds(1)))
    }

    @Test(arguments: [
        Row(.html, .order, .pc, .html, [.pc, .h5]),
        Row(.html, .order, .h5, .html, [.pc, .h5]),
        Row(.html, .order, .app, .sdk, [.app]),
        Row(.qr, .order, .pc, .qr, [.pc]),
        Row(.qr, .order, .h5, .html, [.pc, .h5]),
        Row(.html, .terminal, .pc, .html, [.pc]),
        Row(.html, .terminal, .h5, .html, [.h5]),
        Row(.qr, .terminal, .pc, .qr, [.pc]),
        Row(.qr, .terminal, .app, .sdk, [.app]),
    ])
    func `a sandbox page has its terminal's kind, the scope's terminals and the configured life`(_ row: Row) async {
        let script = SandboxScript { request in
            let body = #"{"code":"SUCCESS","page":{"kind":"\#(row.kind.rawValue)","content":"x"}}"#
            return SandboxFixture.signed(200, body, inAnswerTo: request)
        }
        let configuration = SandboxFixture.configuration(pcKind: row.pcKind, tradeScope: row.scope)
        let answer = await SandboxFixture.provider(configuration, over: script)
            .create(SandboxFixture.create(for: row.terminal))
        let page = ProviderPage(kind: row.kind, content: "x", serves: row.serves, usableFor: .seconds(7_200))
        #expect(answer == .made(page))
        #expect(String(decoding: script.requests[0].body, as: UTF8.self).contains(#""page":"\#(row.kind.rawValue)""#))
    }

    @Test(arguments: [Terminal.jsapi, .mini])
    func `the sandbox refuses the terminals inside WeChat without a call`(_ terminal: Terminal) async {
        let script = SandboxScript { _ throws(TransportError) in throw TransportError(.mayHaveArrived, .timedOut) }
        let answer = await SandboxFixture.provider(over: script).create(SandboxFixture.create(for: terminal))
        #expect(answer == .refused(reason: "TERMINAL_NOT_SERVED"))
        #expect(script.requests.isEmpty)
    }
}
