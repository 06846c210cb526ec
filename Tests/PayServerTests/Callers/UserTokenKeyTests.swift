import PayCore
import Testing

@testable import PayServer

private let rs256Expected = KeyMistake.otherAlgorithm(expected: "RS256")

@Suite struct UserTokenKeyTests {
    private func mistake(keySet: String) async -> UserTokensMistake? {
        await #expect(throws: UserTokensMistake.self) { try await UserTokens(secret: nil, keySet: keySet) }
    }

    @Test(arguments: [(0, false), (31, false), (32, true)])
    func `a shared secret has at least 32 bytes`(bytes: Int, isGood: Bool) async throws {
        let secret = Secret(String(repeating: "s", count: bytes))
        if isGood {
            _ = try await UserTokens(secret: secret, keySet: nil)
        } else {
            await #expect(throws: UserTokensMistake.secretTooShort(bytes: bytes)) {
                try await UserTokens(secret: secret, keySet: nil)
            }
        }
    }

    @Test(arguments: ["", "{}", "[]", #"{"keys":{}}"#, #"{"keys":null}"#, "-----BEGIN PUBLIC KEY-----"])
    func `what is no key set is said to be none`(keySet: String) async {
        #expect(await mistake(keySet: keySet) == .notAKeySet)
    }

    @Test(arguments: [#"{"keys":[]}"#, #"{"keys":[{"kty":"RSA","use":"enc"}]}"#])
    func `a key set without a key for signatures is refused`(keySet: String) async {
        #expect(await mistake(keySet: keySet) == .noSigningKey)
    }

    @Test func `a key for encryption is passed over`() async throws {
        let keySet = #"{"keys":[{"kty":"RSA","use":"enc","alg":"RSA-OAEP"},\#(IssuerKeys.rsaKey)]}"#
        #expect(try await UserTokenKey.read(keySet: keySet).map(\.identifier) == ["r"])
    }

    @Test(arguments: [
        (#"{}"#, nil, KeyMistake.malformed),
        (#"7"#, nil, .malformed),
        (#"{"kty":"RSA","kid":7}"#, nil, .malformed),
        (#"{"kty":"RSA","kid":"k"}"#, "k", .malformed),
        (#"{"kty":"RSA","n":"\#(IssuerKeys.modulus)","e":"AQ"}"#, nil, .malformed),
        (#"{"kty":"RSA","n":"\#(IssuerKeys.modulus)=","e":"AQAB"}"#, nil, .malformed),
        (#"{"kty":"RSA","n":"\#(IssuerKeys.modulus)","e":"AQAB","d":"AQAB"}"#, nil, .notPublic),
        (#"{"kty":"RSA","alg":"PS256","n":"\#(IssuerKeys.modulus)","e":"AQAB"}"#, nil, rs256Expected),
        (#"{"kty":"oct","k":"AQAB"}"#, nil, .notPublic),
        (#"{"kty":"EC","crv":"P-384","x":"AQAB","y":"AQAB"}"#, nil, .unknownType),
        (#"{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}"#, nil, .malformed),
        (#"{"kty":"OKP","crv":"X25519","x":"AQAB"}"#, nil, .unknownType),
        (#"{"kty":"OKP","crv":"Ed25519","x":"AQAB"}"#, nil, .malformed),
        (IssuerKeys.rsaKey, "r", .repeatedKid),
    ])
    func `a wrong key is named by its place and kid, with the reason`(key: String, kid: String?, why: KeyMistake) async
    {
        let mistake = await mistake(keySet: #"{"keys":[\#(IssuerKeys.rsaKey),\#(key)]}"#)
        #expect(mistake == .key(position: 2, kid: kid, why))
    }

    @Test func `a point that is not on its curve is refused`() async {
        let ones = Base64URL.encode(Array(repeating: 1, count: 32))
        let mistake = await mistake(keySet: #"{"keys":[{"kty":"EC","crv":"P-256","x":"\#(ones)","y":"\#(ones)"}]}"#)
        #expect(mistake == .key(position: 1, kid: nil, .malformed))
    }

    @Test(arguments: [(128, 0x80, 1_024), (256, 0x7F, 2_047), (256, 0x00, 2_040)])
    func `an RSA key under 2048 bits is refused, counted to the bit`(bytes: Int, first: UInt8, bits: Int) async {
        let modulus = Base64URL.encode([first] + Array(repeating: 0xFF, count: bytes - 1))
        let mistake = await mistake(keySet: #"{"keys":[{"kty":"RSA","kid":"k","n":"\#(modulus)","e":"AQAB"}]}"#)
        #expect(mistake == .key(position: 1, kid: "k", .rsaTooShort(bits: bits)))
    }

    @Test func `a key set of more keys than a merchant has is refused`() async {
        let keys = Array(repeating: #"{"kty":"RSA"}"#, count: 33).joined(separator: ",")
        #expect(await mistake(keySet: #"{"keys":[\#(keys)]}"#) == .tooManyKeys(33))
    }

    @Test func `a mistake shows no key material, and no kid that could break a line`() async throws {
        let secret = "cGFzc3dvcmQ"
        let keySet = #"{"keys":[{"kty":"RSA","kid":"a\nb","n":"\#(secret)","e":"AQAB"}]}"#
        let text = try #require(await mistake(keySet: keySet)).description
        #expect(text.hasPrefix(#"key 1 of the JWKS file (kid "a\nb"): its modulus has 63 bits"#))
        #expect(!text.contains(secret) && !text.contains("\n"))
    }
}
