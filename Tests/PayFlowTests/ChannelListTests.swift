import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `The list of channels` {
    private static func channel(_ name: String) -> Channel { Channel(name)! }

    @Test func `without an order of its own it stands by provider type, then by name`() {
        let entries: [ChannelList.Entry] = [
            .init(Self.channel("a_sandbox"), .sandbox), .init(Self.channel("stripe"), .stripe),
            .init(Self.channel("wechat_b"), .wechat), .init(Self.channel("wechat_a"), .wechat),
            .init(Self.channel("shop"), .alipay),
        ]
        #expect(
            entries.sorted { $0.standsBefore($1) }.map(\.channel.name)
                == ["shop", "wechat_a", "wechat_b", "stripe", "a_sandbox"])
    }

    @Test func `made of providers it names each with its type and no title`() {
        let list = ChannelList(
            Providers([ScriptedProvider(sandbox, terms: terms()), ScriptedProvider(wechat, terms: terms())]))
        #expect(list.entries == [.init(wechat, .wechat), .init(sandbox, .sandbox)])
    }

    @Test func `channels are sorted as it lists them, and unlisted ones come last by name`() {
        let list = ChannelList([.init(sandbox, .sandbox), .init(wechat, .wechat)])
        #expect(
            list.sorted([Self.channel("z"), wechat, Self.channel("a"), sandbox])
                == [sandbox, wechat, Self.channel("a"), Self.channel("z")])
    }

    @Test func `the checkout offers the channels in its order`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let listed = try await world.process(list: ChannelList([.init(sandbox, .sandbox), .init(wechat, .wechat)]))
            let order = try await world.order()
            #expect(try await process.pay.channels(for: order, on: .pc) == [wechat, sandbox])
            #expect(try await listed.pay.channels(for: order, on: .pc) == [sandbox, wechat])
        }
    }
}
