import CryptoExtras
import Foundation
import PayProviders
import ProviderFakes
import Testing

/// The keys of providers are replaced while the service runs: both are accepted until the old one is removed.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ProviderRotationTests {
    /// The settings of each provider's keys, which the provider itself does not change here.
    private static func keys(of players: Players, in folder: String) throws -> [String: [String]] {
        [
            "api.keys": [Service.apiKey], "token.secret": [Story.tokenSecret],
            "alipay.public.key.file": ["\(folder)/alipay.pub"], "wechat.public.key.id": [FakeWeChatPay.publicKeyID],
            "wechat.public.key.file": ["\(folder)/wechat.pub"], "wechat.api.v3.key": [FakeWeChatPay.apiV3Key],
            "stripe.webhook.secret": [players.stripe.webhookSecret],
        ]
    }

    /// Another key of each kind.
    private static func otherKeys(in folder: String) throws -> [String: String] {
        let other = "\(folder)/other.pub"
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048).publicKey.pemRepresentation
        try Data(key.utf8).write(to: URL(filePath: other))
        return [
            "alipay.public.key.file": other, "wechat.public.key.id": "PUB_KEY_ID_OTHER",
            "wechat.public.key.file": other, "wechat.api.v3.key": String(repeating: "o", count: 32),
            "stripe.webhook.secret": "whsec_other",
        ]
    }

    @Test func `Alipay's, WeChat Pay's and Stripe's keys are rotated while buyers pay`() async throws {
        let players = Players(clock: WallClock())
        try await players.whileRunning {
            try await Story.run { story in
                var variables = try players.settings(keysIn: story.folder)
                let ours = try Self.keys(of: players, in: story.folder)
                let others = try Self.otherKeys(in: story.folder)
                for name in others.keys {
                    variables["PAYPAGE_" + name.uppercased().map { $0 == "." ? "_" : String($0) }.joined()] = nil
                }
                variables["PAYPAGE_PROVIDER_TIMEOUT"] = "20s"
                let reloaded = try await ReloadedService.start(story, keys: ours, variables: variables)
                let play = Play(story: story, players: players, service: reloaded.service)
                let names = others.keys.sorted().joined(separator: ", ")

                // An order of the time before is paid after.
                for name in PlayedName.allCases {
                    try await play.open(play.firstPage("early_\(name)", on: name), on: name)
                }
                // WeChat Pay is asked for signatures by the first key.
                let both = ours.merging(others.mapValues { [$0] }) { $0 + $1 }
                try await reloaded.reload(both, changing: names)
                for name in PlayedName.allCases {
                    try await play.payAndTell("early_\(name)_1", on: name)
                    try await play.open(play.firstPage("both_\(name)", on: name), on: name)
                    try await play.payAndTell("both_\(name)_1", on: name)
                    #expect(try await play.service.order("both_\(name)").state == "paid")
                }

                // Without the keys that the providers use, their notices are refused.
                for name in PlayedName.allCases {
                    try await play.open(play.firstPage("late_\(name)", on: name), on: name)
                }
                let without = ours.merging(others.mapValues { [$0] }) { $1 }
                try await reloaded.reload(without, changing: names)
                for name in PlayedName.allCases {
                    _ = try await players[name].pay("late_\(name)_1")
                    #expect(try await !play.tell("late_\(name)_1", on: name), "\(name)")
                }

                // They are taken when they come again, after the keys are back.
                try await reloaded.reload(ours, changing: names)
                for name in PlayedName.allCases {
                    #expect(try await play.tell("late_\(name)_1", on: name), "\(name)")
                    #expect(try await play.service.order("late_\(name)").state == "paid")
                }
            }
        }
    }
}
