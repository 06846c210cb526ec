import Crypto
import PayCore
import ServiceTestSupport
import Testing

@testable import PayAccess

@Suite struct UserTokensTests {
    private let secret = "a shared secret of forty characters long"
    /// 2026-11-22T10:00:00Z, 1,795,341,600 seconds after 1970.
    private let now = Instant(milliseconds: 1_795_341_600_000)
    private let header = #"{"alg":"HS256","typ":"JWT"}"#
    private let payload = #"{"sub":"u1","exp":1795341601}"#

    private func user(
        header: String? = nil, payload: String? = nil, issuer: String? = nil, audience: String? = nil
    ) async throws -> UserID? {
        let tokens = try await UserTokens(secret: Secret(secret), keySet: nil, issuer: issuer, audience: audience)
        let token = signedToken(header: header ?? self.header, payload: payload ?? self.payload, by: hs256(secret))
        return tokens.user(in: token, at: now)
    }

    @Test func `a user token signed with the shared secret proves its sub`() async throws {
        #expect(try await user() == UserID("u1"))
    }

    @Test(arguments: ["RS256", "ES256", "EdDSA"], ["r", "e", "d", "none"])
    func `a public key verifies only tokens with its own alg and kid`(alg: String, kid: String) async throws {
        let issuer = IssuerKeys()
        let tokens = try await UserTokens(secret: nil, keySet: issuer.keySet)
        let header = kid == "none" ? #"{"alg":"\#(alg)"}"# : #"{"alg":"\#(alg)","kid":"\#(kid)"}"#
        let unsigned = signedToken(header: header, payload: payload) { _ in [] }
        let signed = Array(unsigned.utf8.dropLast())
        let signature =
            switch alg {
            case "RS256": try await issuer.rs256(signed)
            case "ES256": try issuer.es256(signed)
            default: try issuer.eddsa(signed)
            }

        let user = tokens.user(in: unsigned + Base64URL.encode(signature), at: now)

        let own = ["RS256": "r", "ES256": "e", "EdDSA": "d"][alg]
        #expect(user == (kid == "none" || kid == own ? UserID("u1") : nil))
    }

    @Test(arguments: [
        #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":""}"#, #"{"typ":"JWT"}"#, #"{"alg":null}"#,
        #"{"alg":"hs256"}"#, #"{"alg":"HS384"}"#, #"{"alg":"HS512"}"#, #"{"alg":"RS256"}"#, #"{"alg":"EdDSA"}"#,
        #"{"alg":["HS256"]}"#, #"{"alg":"HS256","kid":7}"#, #"{"alg":"HS256","crit":["exp"]}"#,
        #"{"alg":"HS256","crit":[]}"#, #"{"alg":"HS256","crit":null}"#, #""HS256""#, "not JSON", "",
    ])
    func `a user token with another header than its key's is refused`(header: String) async throws {
        #expect(try await user(header: header) == nil)
    }

    @Test func `unknown members of a user token's header are ignored`() async throws {
        #expect(try await user(header: #"{"alg":"HS256","x":1e300,"kid":"k"}"#) == UserID("u1"))
    }

    @Test func `a user token without a signature is refused, whatever its alg`() async throws {
        let tokens = try await UserTokens(secret: Secret(secret), keySet: IssuerKeys().keySet)
        for alg in ["none", "HS256", "RS256", "ES256", "EdDSA"] {
            let token = signedToken(header: #"{"alg":"\#(alg)"}"#, payload: payload) { _ in [] }
            #expect(tokens.user(in: token, at: now) == nil, "\(alg)")
        }
    }

    @Test func `a public key is not accepted as a shared secret`() async throws {
        let issuer = IssuerKeys()
        let tokens = try await UserTokens(secret: Secret(secret), keySet: issuer.keySet)
        let candidates = [
            IssuerKeys.modulus, String(decoding: Base64URL.decode(IssuerKeys.modulus.utf8) ?? [], as: UTF8.self),
            IssuerKeys.rsaKey, issuer.keySet, issuer.elliptic.publicKey.pemRepresentation,
        ]
        for candidate in candidates {
            for kid in ["", #","kid":"r""#, #","kid":"e""#] {
                let header = #"{"alg":"HS256"\#(kid)}"#
                let token = signedToken(header: header, payload: payload, by: hs256(candidate))
                #expect(tokens.user(in: token, at: now) == nil)
            }
        }
    }

    @Test(arguments: [
        #"{"exp":1795341601}"#, #"{"sub":null,"exp":1795341601}"#, #"{"sub":7,"exp":1795341601}"#,
        #"{"sub":["u1"],"exp":1795341601}"#, #"{"sub":"","exp":1795341601}"#, #"{"sub":"u\u0000","exp":1795341601}"#,
        #"{"sub":"u1"}"#, #"{"sub":"u1","exp":null}"#, #"{"sub":"u1","exp":"1795341601"}"#,
        #"{"sub":"u1","exp":true}"#, #"{"sub":"u1","exp":1e999}"#, #"{"sub":"u1","exp":-1}"#,
        #"{"sub":"u1","exp":1795341601,"nbf":"0"}"#, #"{"sub":"u1","exp":1795341601,"iss":7}"#,
        #"["u1"]"#, "", "{",
    ])
    func `a user token without a valid sub and exp is refused`(payload: String) async throws {
        #expect(try await user(payload: payload) == nil)
    }

    @Test func `a user token with a sub longer than a user id is refused`() async throws {
        for (length, isGood) in [(128, true), (129, false)] {
            let sub = String(repeating: "u", count: length)
            let user = try await user(payload: #"{"sub":"\#(sub)","exp":1795341601}"#)
            #expect((user != nil) == isGood)
        }
    }

    @Test(arguments: [
        ("1795341600", false), ("1795341600.001", true), ("1795341599.999", false), ("1795341601", true),
        ("1.795341601e9", true), ("1e300", true),
    ])
    func `a user token is valid up to, not at, its exp`(exp: String, isGood: Bool) async throws {
        #expect((try await user(payload: #"{"sub":"u1","exp":\#(exp)}"#) != nil) == isGood)
    }

    @Test(arguments: [("0", true), ("1795341600", true), ("1795341605", true), ("1795341605.001", false)])
    func `a user token is valid from five seconds before its nbf`(nbf: String, isGood: Bool) async throws {
        #expect((try await user(payload: #"{"sub":"u1","exp":1795349999,"nbf":\#(nbf)}"#) != nil) == isGood)
    }

    @Test(arguments: [
        (#""iss":"shop""#, true), (#""iss":"Shop""#, false), (#""iss":"shop ""#, false), (#""iss":["shop"]"#, false),
        (#""iss":null"#, false), (#""x":1"#, false),
    ])
    func `iss of a user token must match the configured issuer`(claim: String, isGood: Bool) async throws {
        let payload = #"{"sub":"u1","exp":1795341601,\#(claim)}"#
        #expect((try await user(payload: payload, issuer: "shop") != nil) == isGood)
    }

    @Test(arguments: [
        (#""aud":"pay""#, true), (#""aud":["x","pay"]"#, true), (#""aud":["x"]"#, false), (#""aud":[]"#, false),
        (#""aud":"payer""#, false), (#""aud":["pay",7]"#, false), (#""aud":{"pay":1}"#, false), (#""x":1"#, false),
    ])
    func `aud of a user token must contain the configured audience`(claim: String, isGood: Bool) async throws {
        let payload = #"{"sub":"u1","exp":1795341601,\#(claim)}"#
        #expect((try await user(payload: payload, audience: "pay") != nil) == isGood)
    }

    @Test func `iss and aud of a user token are ignored if none is configured`() async throws {
        #expect(try await user(payload: #"{"sub":"u1","exp":1795341601,"iss":"a","aud":["b"]}"#) == UserID("u1"))
    }

    @Test func `a user token with any changed character is refused`() async throws {
        let tokens = try await UserTokens(secret: Secret(secret), keySet: nil)
        let token = Array(signedToken(header: header, payload: payload, by: hs256(secret)).utf8)
        #expect(tokens.user(in: String(decoding: token, as: UTF8.self), at: now) != nil)
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(tokens.user(in: String(decoding: changed, as: UTF8.self), at: now) == nil)
        }
    }

    @Test func `a user token in another Base64 spelling is refused`() async throws {
        let tokens = try await UserTokens(secret: Secret(secret), keySet: nil)
        let token = signedToken(header: header, payload: payload, by: hs256(secret))
        let behind = ["=", ".", " ", "\n", ".e30"].map { token + $0 }
        for other in behind + ["." + token, " " + token, "", "..", "a.b.c"] {
            #expect(tokens.user(in: other, at: now) == nil)
        }
    }

    @Test func `a user token over 8 KiB is refused, even with a valid signature`() async throws {
        let tokens = try await UserTokens(secret: Secret(secret), keySet: nil)
        func token(padding: Int) -> String {
            let pad = String(repeating: "p", count: padding)
            let payload = #"{"sub":"u1","exp":1795341601,"p":"\#(pad)"}"#
            return signedToken(header: header, payload: payload, by: hs256(secret))
        }
        let all = (5_900...6_200).map(token(padding:))
        let longest = try #require(all.last { $0.utf8.count <= 8_192 })
        let tooLong = try #require(all.first { $0.utf8.count > 8_192 })
        #expect(tokens.user(in: longest, at: now) == UserID("u1"))
        #expect(tokens.user(in: tooLong, at: now) == nil)
    }

    @Test func `without a key, every user token is refused`() async throws {
        let tokens = try await UserTokens(secret: nil, keySet: nil)
        for alg in ["HS256", "none"] {
            let token = signedToken(header: #"{"alg":"\#(alg)"}"#, payload: payload, by: hs256(""))
            #expect(tokens.user(in: token, at: now) == nil)
        }
    }
}
