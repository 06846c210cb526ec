import Crypto
import PayCore
import Testing

@testable import PayAccess

@Suite struct CheckoutTokensTests {
    private let tokens = CheckoutTokens(secret: Secret("a token secret of more than 32 bytes"))
    private let expiry = Instant(milliseconds: 1_795_341_600_000)
    private let before = Instant(milliseconds: 1_795_341_599_999)

    private func order(_ text: String) throws -> OrderNumber { try #require(OrderNumber(text)) }

    @Test(arguments: ["abcd", "20261122_0001", "ABCDEFGHIJKLMNOPQRSTUVWXYZ_9"])
    func `a checkout token grants access to its own order`(number: String) throws {
        let order = try order(number)
        #expect(tokens.order(in: tokens.token(for: order, expiresAt: expiry), at: before) == order)
    }

    @Test func `a checkout token of an earlier release is still valid`() throws {
        // Computed with Python's hmac module, not with this code.
        let token = "c1.order_1.mwro18g0." + "Ht2JBEhabTr_C31Uc5gpCZCuPRKsGlI6EcbboUJo2E0"
        #expect(tokens.token(for: try order("order_1"), expiresAt: expiry) == token)
    }

    @Test(arguments: [(-86_400_000, true), (-1, true), (0, false), (1, false)])
    func `a checkout token is valid up to, not at, its expiry`(offset: Int64, isGood: Bool) throws {
        let token = tokens.token(for: try order("order_1"), expiresAt: expiry)
        #expect((tokens.order(in: token, at: expiry + .milliseconds(offset)) != nil) == isGood)
    }

    @Test func `a changed, cut or lengthened checkout token is refused`() throws {
        let token = Array(tokens.token(for: try order("order_1"), expiresAt: expiry).utf8)
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            for other in [changed, Array(token[..<index]), token[..<index] + [UInt8(ascii: "0")] + token[index...]] {
                #expect(tokens.order(in: String(decoding: other, as: UTF8.self), at: before) == nil)
            }
        }
    }

    @Test func `parts of two checkout tokens can't be combined`() throws {
        let one = tokens.token(for: try order("order_1"), expiresAt: before).split(separator: ".")
        let other = tokens.token(for: try order("order_2"), expiresAt: expiry).split(separator: ".")
        for mask in 1..<7 {
            let parts = (0..<3).map { mask & 1 << $0 == 0 ? one[$0 + 1] : other[$0 + 1] }
            #expect(tokens.order(in: "c1." + parts.joined(separator: "."), at: Instant(milliseconds: 0)) == nil)
        }
    }

    @Test(arguments: ["C1", "c2", "", "c1.c1"])
    func `a checkout token of another version is refused`(version: String) throws {
        let token = tokens.token(for: try order("order_1"), expiresAt: expiry)
        #expect(tokens.order(in: version + token.dropFirst(2), at: before) == nil)
    }

    @Test func `a checkout token sealed with another secret, or the bare secret, is refused`() throws {
        let order = try order("order_1")
        let claim = "c1.order_1.\(String(expiry.milliseconds, radix: 36))"
        let bare = SymmetricKey(data: Array("a token secret of more than 32 bytes".utf8))
        let seal = HMAC<SHA256>.authenticationCode(for: Array(claim.utf8), using: bare)
        let other = CheckoutTokens(secret: Secret("another token secret of over 32 bytes"))
        #expect(tokens.order(in: "\(claim).\(Base64URL.encode(seal))", at: before) == nil)
        #expect(tokens.order(in: other.token(for: order, expiresAt: expiry), at: before) == nil)
    }

    @Test func `the longest checkout token needs no escapes in a path and is under the limit`() throws {
        let order = try order(String(repeating: "z", count: 28))
        let token = tokens.token(for: order, expiresAt: Instant(milliseconds: .min))
        #expect(token.utf8.count == 90)
        #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
    }

    @Test(arguments: ["", ".", "...", "c1...", String(repeating: "c1.", count: 100_000)])
    func `a text that is not a checkout token is refused`(text: String) {
        #expect(tokens.order(in: text, at: before) == nil)
    }
}
