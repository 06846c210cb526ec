package import Crypto
import Foundation
import JWTKit
import PayAccess

/// Signs a token with any text, so that a test can make tokens that no library would.
package func signedToken(
    header: String, payload: String, by sign: (_ signed: [UInt8]) throws -> [UInt8]
) rethrows -> String {
    let signed = Base64URL.encode(header.utf8) + "." + Base64URL.encode(payload.utf8)
    return signed + "." + Base64URL.encode(try sign(Array(signed.utf8)))
}

package func hs256(_ secret: String) -> ([UInt8]) -> [UInt8] {
    { Array(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: Array(secret.utf8)))) }
}

/// A private key of every kind for these tests, and the key set with their public halves.
package struct IssuerKeys {
    package let elliptic = P256.Signing.PrivateKey()
    package let edwards = Curve25519.Signing.PrivateKey()

    package init() {}

    /// The modulus of an RSA key of 2048 bits, because jwt-kit can't generate one.
    package static let modulus =
        "lVl1eopKuB0SW8PsWu4dEvBDDDRFiPFDwB40z7rQjir67FhSgZ2XLteAdRx_DClfvihzBIGN3l_LpcWowxpFf2hyVKNJvbHF"
        + "MbJZwuzy5RdgFziTAmPqobGRESNVvnh3bK558tgNIK-6Tt05XY4m4nH2OI0Qgy3YTFFx7xeWDxTO7H5mRTGxuirIP6JU73PB"
        + "tAjVVDJ9oNu6v8yGMG5KhNHsyJocvGWQJGvmXxH8phMPeoXWBcmYjfRtIXmylsMcNLmiHbsRm36qcppMt95Ce-AkhIS5bXuk"
        + "ibQwBHMTJGk_1zRv_2qPoljLLlbCxfQpw_KZhPJLy1QvOWzvVryi_w"
    private static let privateExponent =
        "CHesTR30GIuFaUXVa7OzsEmGSPXZuhGRDskSTh4VtEnENOGDuVeO-m07b5MFslHSMid8RerLzqojE1X-jc6P1tERfQejpv6i"
        + "OIFtIhEUawqv5wEid0Xk8p_s9_THPWelFbiwBKWyhizlujzurgWLjNZ7PZTkinDEolG9IkTLEYsSocOaw77LqAdF0GUq1tGz"
        + "jjn7irl2w2QejqjI1rhLBrMkb5tYa9aEMtC-xHRkAtNT5vkeLlV1ydBIut_zi0bndQvE0dDh8N5DlY-youAmZJP5Z4zqTE0M"
        + "g5PQPGjPi3cecFsBgNtii-cXWNAdemyBCqciNbkqm-P7LoV7KOz4KQ"

    package func rs256(_ signed: [UInt8]) async throws -> [UInt8] {
        let keys = JWTKeyCollection()
        let key = try Insecure.RSA.PrivateKey(
            modulus: Self.modulus, exponent: "AQAB", privateExponent: Self.privateExponent)
        await keys.add(rsa: key, digestAlgorithm: .sha256)
        return try await keys.getKey().sign(signed)
    }

    package func es256(_ signed: [UInt8]) throws -> [UInt8] {
        Array(try elliptic.signature(for: signed).rawRepresentation)
    }

    package func eddsa(_ signed: [UInt8]) throws -> [UInt8] { Array(try edwards.signature(for: signed)) }

    package static let rsaKey = #"{"kty":"RSA","kid":"r","alg":"RS256","use":"sig","n":"\#(modulus)","e":"AQAB"}"#

    package var ellipticKey: String {
        let point = elliptic.publicKey.rawRepresentation
        let (x, y) = (Base64URL.encode(point.prefix(32)), Base64URL.encode(point.suffix(32)))
        return #"{"kty":"EC","kid":"e","crv":"P-256","x":"\#(x)","y":"\#(y)"}"#
    }

    package var edwardsKey: String {
        let point = Base64URL.encode(edwards.publicKey.rawRepresentation)
        return #"{"kty":"OKP","kid":"d","alg":"EdDSA","crv":"Ed25519","x":"\#(point)"}"#
    }

    package var keySet: String { #"{"keys":[\#(Self.rsaKey),\#(ellipticKey),\#(edwardsKey)]}"# }
}
