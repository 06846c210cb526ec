import Foundation
import PayCore
import PayFlow
import Synchronization

/// WeChat's OAuth (`snsapi_base`): the page that sends a buyer back with a code, and the exchange of the code.
final class FakeWeChatPayOAuth: Sendable {
    private struct Code {
        let appID: String
        let openID: String
        let endsAt: Instant
        var isUsed = false
    }

    private static let codeLife = Duration.seconds(5 * 60)

    private let clock: any PayClock
    private let codes = Mutex<[String: Code]>([:])
    private let buyer = Mutex(FakeWeChatPay.buyerOpenID)

    init(clock: any PayClock) {
        self.clock = clock
    }

    func become(_ openID: String) {
        buyer.withLock { $0 = openID }
    }

    /// Sends the buyer's browser back. WeChat compares the parameters with a pattern: they must have this order, and a
    /// state may have at most 128 letters and digits.
    func authorize(_ query: String) -> FakeReply {
        let fields = query.split(separator: "&", omittingEmptySubsequences: false).map {
            $0.split(separator: "=", maxSplits: 1).map(String.init)
        }
        guard fields.allSatisfy({ $0.count == 2 }),
            fields.map({ $0[0] }) == ["appid", "redirect_uri", "response_type", "scope", "state"],
            fields[0][1] == FakeWeChatPay.appID || fields[0][1] == FakeWeChatPay.accountAppID,
            let address = fields[1][1].removingPercentEncoding, isAddress(address), fields[2][1] == "code",
            fields[3][1] == "snsapi_base", fields[4][1].wholeMatch(of: /[0-9A-Za-z]{1,128}/) != nil
        else { return .answer(status: 200, headers: [FakeHeader("Content-Type", "text/html")], body: Self.oops) }
        let code = FakeWeChatPaySeal.randomText(32)
        let endsAt = clock.now() + Self.codeLife
        let openID = buyer.withLock { $0 }
        codes.withLock { $0[code] = Code(appID: fields[0][1], openID: openID, endsAt: endsAt) }
        let target = "\(address)\(address.contains("?") ? "&" : "?")code=\(code)&state=\(fields[4][1])"
        return .answer(status: 302, headers: [FakeHeader("Location", target)], body: [])
    }

    /// WeChat answers errors with status 200 too, and as plain text.
    func exchange(_ query: String) -> FakeReply {
        let pairs = query.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let fields = Dictionary(pairs.map { ($0[0], $0.count == 2 ? $0[1] : "") }) { first, _ in first }
        let body: [UInt8]
        switch outcome(fields) {
        case .success(let openID):
            body = FakeWeChatPayWire.encode(
                Granted(
                    access_token: FakeWeChatPaySeal.randomText(64), expires_in: 7_200,
                    refresh_token: FakeWeChatPaySeal.randomText(64), openid: openID, scope: "snsapi_base"))
        case .failure(let failure): body = FakeWeChatPayWire.encode(failure)
        }
        return .answer(status: 200, headers: [FakeHeader("Content-Type", "text/plain")], body: body)
    }

    private func outcome(_ fields: [String: String]) -> Result<String, Failure> {
        guard fields["grant_type"] == "authorization_code" else {
            return .failure(Failure(errcode: 40_002, errmsg: "invalid grant_type"))
        }
        guard fields["secret"] == FakeWeChatPay.oauthSecret else {
            return .failure(Failure(errcode: 40_125, errmsg: "invalid appsecret, rid: 6583f22d-35b1b023-4a6d02b6"))
        }
        let now = clock.now()
        return codes.withLock { codes in
            guard let name = fields["code"], let code = codes[name], code.appID == fields["appid"], now < code.endsAt
            else { return .failure(Failure(errcode: 40_029, errmsg: "invalid code, rid: 6583f22d-35b1b023-4a6d02b6")) }
            guard !code.isUsed else {
                return .failure(Failure(errcode: 40_163, errmsg: "code been used, rid: 6583f22d-35b1b023-4a6d02b6"))
            }
            codes[name]?.isUsed = true
            return .success(code.openID)
        }
    }

    /// WeChat accepts https only. For tests, loopback may use http.
    private func isAddress(_ url: String) -> Bool {
        url.hasPrefix("https://") || url.hasPrefix("http://127.0.0.1") || url.hasPrefix("http://localhost")
    }

    private static let oops = Array("<!doctype html><title>Oops</title><p>该链接无法访问</p>".utf8)

    private struct Granted: Encodable {
        let access_token: String
        let expires_in: Int
        let refresh_token: String
        let openid: String
        let scope: String
    }

    private struct Failure: Encodable, Error {
        let errcode: Int
        let errmsg: String
    }
}

extension FakeWeChatPay {
    /// The AppSecret of its official account.
    public static let oauthSecret = "7f1d2b0c9e8a4f6db35c1a0e2d4f6b81"
    /// The buyer who visits ``authorizeURL``, unless a test changes that.
    public static let buyerOpenID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

    /// The page to which a buyer's browser is sent for a code.
    public var authorizeURL: String { "\(baseURL)/connect/oauth2/authorize" }

    /// From now on another buyer visits ``authorizeURL``.
    public func changeBuyer(to openID: String) {
        oauth.become(openID)
    }

    /// Answers a request for OAuth; nil for any other.
    func oauthReply(to request: FakeRequest) -> FakeReply? {
        switch (request.method, request.path) {
        case ("GET", "/connect/oauth2/authorize"): oauth.authorize(request.query ?? "")
        case ("GET", "/sns/oauth2/access_token"): oauth.exchange(request.query ?? "")
        default: nil
        }
    }
}
