import PayCore
import PayFlow
import Testing

@testable import paypage

/// `channels.NAME.accept`: a key that exists once for each channel.
@Suite struct SettingsAcceptTests {
    private static let two = SettingsFixture.enough(["PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox_2"])
    private let second = Channel("sandbox_2")!

    private func load(_ more: [String: String], file: String? = nil) throws -> Settings {
        try SettingsFixture.load(Self.two.merging(more) { $1 }, file: file)
    }

    private func mistakes(_ more: [String: String], file: String? = nil) throws -> [String] {
        try SettingsFixture.mistakes(Self.two.merging(more) { $1 }, file: file)
    }

    @Test func `a channel accepts new attempts unless channels.NAME.accept is false`() throws {
        #expect(try load([:]).switchedOff == [])
        #expect(try load(["PAYPAGE_CHANNELS_SANDBOX_2_ACCEPT": "true"]).switchedOff == [])
        #expect(try load(["PAYPAGE_CHANNELS_SANDBOX_2_ACCEPT": " false "]).switchedOff == [second])
    }

    @Test func `channels.NAME.accept in a file may be nested or dotted, and the variable wins`() throws {
        let nested = "channels:\n  sandbox_2:\n    accept: false\n"
        #expect(try load([:], file: nested).switchedOff == [second])
        #expect(try load([:], file: "channels.sandbox_2.accept: false\n").switchedOff == [second])
        #expect(try load(["PAYPAGE_CHANNELS_SANDBOX_2_ACCEPT": "true"], file: nested).switchedOff == [])
    }

    @Test func `an invalid value of channels.NAME.accept, or an unknown channel, is a mistake`() throws {
        #expect(
            try mistakes(["PAYPAGE_CHANNELS_SANDBOX_2_ACCEPT": "no"]) == [
                "channels.sandbox_2.accept (PAYPAGE_CHANNELS_SANDBOX_2_ACCEPT): invalid value \"no\"; "
                    + "expected true or false"
            ])
        #expect(
            try mistakes(["PAYPAGE_CHANNELS_WECHAT_ACCEPT": "false"]) == [
                "channels.wechat.accept (PAYPAGE_CHANNELS_WECHAT_ACCEPT): is not a configured channel; "
                    + "name one of sandbox, sandbox_2, or remove the key"
            ])
        for variable in ["PAYPAGE_CHANNELS_ACCEPT", "PAYPAGE_CHANNELS_2ND_ACCEPT", "PAYPAGE_CHANNELS_SANDBOX_ACCEP"] {
            #expect(try mistakes([variable: "false"]).count == 1, "\(variable)")
        }
        #expect(try mistakes([:], file: "channels:\n  sandbox_2:\n    acept: false\n").count == 1)
        #expect(try mistakes([:], file: "channels:\n  sandbox_2:\n    accept: [false]\n").count == 1)
    }

    @Test func `the channels command reads names and switches from incomplete settings`() throws {
        let channels = try Settings.channels(
            environment: [
                "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_WECHAT_MCH_ID": "1900000001",
                "PAYPAGE_CHANNELS_WECHAT_ACCEPT": "false",
            ], configFile: nil)
        #expect(
            channels == [
                NamedChannel(channel: Channel("wechat")!, kind: .wechat, title: .standard, accepts: false),
                NamedChannel(channel: Channel("sandbox")!, kind: .sandbox, title: .standard, accepts: true),
            ])
    }

    @Test func `the channels command tells that a channel has no provider`() throws {
        let channels = try Settings.channels(
            environment: ["PAYPAGE_ALIPAY_APP_ID": "2021000000000001", "PAYPAGE_CHANNELS_TYPO_TITLE_EN": "Alipay"],
            configFile: nil)
        #expect(channels.map(\.channel.name) == ["alipay", "typo"])
        #expect(channels.map(ChannelConfiguration.init) == [.accepting, .withoutProvider])
        let unfinished = ListedChannel(
            channel: Channel("typo")!, kind: nil, title: .standard, configuration: .withoutProvider, pausedAt: nil,
            circuitOpenSince: nil, attempts: 0, refunds: 0)
        #expect(ChannelTable([unfinished]).text.contains("no provider set"))
    }
}
