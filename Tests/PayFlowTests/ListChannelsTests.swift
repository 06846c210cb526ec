import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `The channels for a buyer's choice` {
    /// Like WeChat Pay: yuan only, and terminals of its own.
    private static let yuanOnly = ProviderTerms(
        trades: Dictionary(
            uniqueKeysWithValues: [Terminal.jsapi, .mini, .pc].map { ($0, terms(serves: [$0]).trades[.pc]!) }),
        currencies: ["CNY"])

    @Test func `each has its provider type, title, terminals and currencies, in the order of the list`() async throws {
        try await withWorld(wechatTerms: Self.yuanOnly) { world in
            let title = ChannelTitle(english: "Trial", chinese: nil)
            let list = ChannelList([.init(sandbox, .sandbox, title: title), .init(wechat, .wechat)])
            let found = try await world.process(list: list).channels(on: nil, in: nil)
            #expect(found.map(\.entry) == list.entries)
            #expect(found.map(\.terminals) == [[.pc, .h5, .app], [.pc, .jsapi, .mini]])
            #expect(found.map(\.currencies) == [nil, ["CNY"]])
            #expect(found.map(\.isAccepting) == [true, true])
            #expect(found.map(\.entry.englishTitle) == ["Trial", "WeChat Pay"])
            #expect(found.map(\.entry.chineseTitle) == ["沙盒", "微信支付"])
        }
    }

    @Test func `the terminal and the currency select those that support both`() async throws {
        try await withWorld(wechatTerms: Self.yuanOnly) { world in
            let list = try await world.process().channels
            func names(_ terminal: Terminal?, _ currency: String?) async throws -> [Channel] {
                try await list(on: terminal, in: currency.map { Currency($0)! }).map(\.entry.channel)
            }
            #expect(try await names(.pc, "CNY") == [wechat, sandbox])
            #expect(try await names(.pc, "EUR") == [sandbox])
            #expect(try await names(.mini, nil) == [wechat])
            #expect(try await names(.mini, "EUR") == [])
            #expect(try await names(nil, "CNY") == [wechat, sandbox])
        }
    }

    @Test func `a paused or disabled channel is listed as not accepting`() async throws {
        try await withWorld { world in
            let list = try await world.process(switchedOff: [sandbox]).channels
            #expect(try await list(on: nil, in: nil).map(\.isAccepting) == [true, false])
            let operators = world.store
            _ = try await operators.pause(wechat, at: world.start)
            #expect(try await list(on: nil, in: nil).map(\.isAccepting) == [false, false])
            _ = try await operators.resume(wechat, at: world.start)
            #expect(try await list(on: nil, in: nil).map(\.isAccepting) == [true, false])
        }
    }

    @Test func `a listed channel without a provider is left out`() async throws {
        try await withWorld { world in
            let list = ChannelList([.init(sandbox, .sandbox), .init(wechat, .wechat)])
            let process = try await world.process(channels: [sandbox], list: list)
            #expect(try await process.channels(on: nil, in: nil).map(\.entry.channel) == [sandbox])
        }
    }
}
