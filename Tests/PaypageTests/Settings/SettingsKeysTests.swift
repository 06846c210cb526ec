import CryptoExtras
import PayAccess
import PayCore
import PayProviders
import Testing

@testable import paypage

@Suite("settings of keys")
struct SettingsKeysTests {
    private func keys(_ text: String) throws -> [MerchantKey] {
        try SettingsFixture.load(SettingsFixture.enough(["PAYPAGE_API_KEYS": text])).apiKeys
    }

    private func mistakes(_ text: String) throws -> [String] {
        try SettingsFixture.mistakes(SettingsFixture.enough(["PAYPAGE_API_KEYS": text]))
    }

    @Test func `an API key may have a name, an end, both or neither`() throws {
        let keys = try keys("plain-key-of-a-shop, till:key-of-the-till@2027-01-01, other-key@2026-12-31T23:00:00+08:00")
        #expect(keys.map { $0.secret.reveal() } == ["plain-key-of-a-shop", "key-of-the-till", "other-key"])
        #expect(keys[1].name.text == "till" && keys[0].name.text == "key-\(keys[0].fingerprint)")
        // date -u -d 2027-01-01 +%s, date -d 2026-12-31T23:00:00+08:00 +%s
        let ends: [Int64?] = [nil, 1_798_761_600_000, 1_798_729_200_000]
        #expect(keys.map { $0.endsAt?.milliseconds } == ends)
    }

    @Test(arguments: [
        ("key-of-a-shop@2027-02-30", "an end that is not a date"), ("key-of-a-shop@soon", "an end that is not a date"),
        ("bad name:key-of-a-shop", "a name that is not valid"), (":key-of-a-shop", "a name that is not valid"),
        ("till:", "is not an API key"), ("till:@2027-01-01", "is not an API key"), ("a:b:c", "is not an API key"),
        ("a:key-of-a-shop,b:key-of-a-shop", "the same key twice"),
        ("a:key-of-a-shop,a:other-key", "the same name twice"),
    ])
    func `an API key that is not of the grammar stops the start, and is not shown`(text: String, problem: String)
        throws
    {
        let mistakes = try mistakes(text)
        #expect(mistakes.count == 1 && mistakes[0].contains(problem), "\(mistakes)")
        #expect(!mistakes.joined().contains("key-of-a-shop"))
    }

    @Test func `secrets take lists, and a list in the file keeps a comma`() throws {
        let (first, second) = ("first-secret-of-more-than-32-bytes", "second-secret-of-more-than-32-bytes")
        let settings = try SettingsFixture.load(
            SettingsFixture.enough([
                "PAYPAGE_TOKEN_SECRET": "\(first), \(second)", "PAYPAGE_USER_JWT_SECRET": "\(second),\(first)",
            ]))
        #expect(settings.tokenSecrets.map { $0.reveal() } == [first, second])
        #expect(settings.userTokens.secrets.map { $0.reveal() } == [second, first])

        let comma = "a-secret-with-one-comma,-and-32-bytes-or-more"
        var environment = SettingsFixture.enough
        environment["PAYPAGE_TOKEN_SECRET"] = nil
        let listed = try SettingsFixture.load(environment, file: "token.secret: [\"\(comma)\"]\n")
        #expect(listed.tokenSecrets.map { $0.reveal() } == [comma])
    }

    @Test func `a secret of a list that is too short stops the start`() throws {
        let text = "first-secret-of-more-than-32-bytes,short"
        let mistakes = try SettingsFixture.mistakes(SettingsFixture.enough(["PAYPAGE_TOKEN_SECRET": text]))
        #expect(mistakes.count == 1 && mistakes[0].contains("item 2 is too short"), "\(mistakes)")
    }

    @Test func `each provider takes its old and its new keys side by side`() async throws {
        try await withKeyFiles { files in
            let more = try files.write(KeyFiles.third.publicKey.pemRepresentation, "more.pem")
            let alipay = try files.alipay()
            let alipayKeys = try #require(alipay["PAYPAGE_ALIPAY_PUBLIC_KEY_FILE"])
            let weChat = try files.weChatPay()
            let (id, file) = (
                try #require(weChat["PAYPAGE_WECHAT_PUBLIC_KEY_ID"]),
                try #require(weChat["PAYPAGE_WECHAT_PUBLIC_KEY_FILE"])
            )
            let (old, new) = (String(repeating: "o", count: 32), String(repeating: "n", count: 32))
            let settings = try SettingsFixture.load(
                KeyFiles.basics.merging(alipay) { $1 }.merging(weChat) { $1 }.merging(KeyFiles.stripe) { $1 }.merging([
                    "PAYPAGE_ALIPAY_PUBLIC_KEY_FILE": "\(more),\(alipayKeys)",
                    "PAYPAGE_WECHAT_PUBLIC_KEY_ID": "PUB_KEY_ID_2,\(id)",
                    "PAYPAGE_WECHAT_PUBLIC_KEY_FILE": "\(more),\(file)", "PAYPAGE_WECHAT_API_V3_KEY": "\(new),\(old)",
                    "PAYPAGE_STRIPE_WEBHOOK_SECRET": "whsec_new,whsec_old",
                ]) { $1 })
            guard case .publicKeys(let keys) = settings.alipay?.trust else { throw TestFailure() }
            #expect(keys.map(\.path) == [more, alipayKeys])
            #expect(settings.weChatPay?.publicKeys.map(\.id) == ["PUB_KEY_ID_2", id])
            #expect(settings.weChatPay?.publicKeys.map(\.file.path) == [more, file])
            #expect(settings.weChatPay?.apiV3Keys.map { $0.reveal() } == [new, old])
            #expect(settings.stripe?.webhookSecrets.map { $0.reveal() } == ["whsec_new", "whsec_old"])
        }
    }

    @Test func `WeChat Pay's public keys need as many IDs as files`() async throws {
        try await withKeyFiles { files in
            let mistakes = try SettingsFixture.mistakes(
                KeyFiles.basics.merging(
                    files.weChatPay(["PAYPAGE_WECHAT_PUBLIC_KEY_ID": "PUB_KEY_ID_1,PUB_KEY_ID_2"])
                ) { $1 })
            #expect(mistakes.count == 1 && mistakes[0].contains("has 1 in its list"), "\(mistakes)")
        }
    }

    private struct TestFailure: Error {}
}
