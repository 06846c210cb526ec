import PayCore
import PayFlow

/// Learns openids by the OAuth of WeChat's official accounts. Its calls are neither signed nor answered with a
/// signature, so that their openid serves nothing but a `jsapi` order, which WeChat checks.
struct WeChatPayOpenIDs: OpenIDSource {
    /// In bytes. WeChat's codes have 32 characters.
    private static let longestCode = 512

    /// The appid of `jsapi`, to which the openids belong.
    let appID: String
    let oauth: WeChatPayConfiguration.OAuth
    let transport: GuardedTransport

    /// WeChat compares the address with a pattern: the parameters must have this order.
    func authorizationURL(returningTo address: String, state: String) -> String {
        "\(oauth.authorizeURL)?appid=\(appID.percentEncoded)&redirect_uri=\(address.percentEncoded)&response_type=code"
            + "&scope=snsapi_base&state=\(state.percentEncoded)#wechat_redirect"
    }

    func openID(for code: String) async -> OpenIDAnswer {
        guard code.isVisibleASCII(1...Self.longestCode) else { return .codeRefused }
        do throws(TransportError) {
            return OpenIDAnswer(try await transport.send(request(for: code)))
        } catch {
            return .unknown(error.doubt)
        }
    }

    /// The query contains the secret. Descriptions of a request omit its query.
    private func request(for code: String) -> ProviderRequest {
        ProviderRequest(
            method: .get,
            url: "\(oauth.baseURL)/sns/oauth2/access_token?appid=\(appID.percentEncoded)"
                + "&secret=\(oauth.secret.reveal().percentEncoded)&code=\(code.percentEncoded)"
                + "&grant_type=authorization_code",
            headers: [
                Header(name: "Accept", value: "application/json"), Header(name: "User-Agent", value: "paypage"),
            ])
    }
}

extension OpenIDAnswer {
    /// The errors about an OAuth code, by WeChat's table of return codes: 40163 it was used, 40029 it is invalid or has
    /// expired, 42003 it has expired.
    private static let codeErrors: Set<Int> = [40_163, 40_029, 42_003]
    /// WeChat is busy, or was called too often.
    private static let passingErrors: Set<Int> = [-1, 45_011]

    /// WeChat answers errors with status 200 too.
    init(_ reply: ProviderReply) {
        guard reply.status == 200, let read = WeChatPayWire.decode(WeChatPayWire.OpenID.self, from: reply.body) else {
            self = .unknown(.answered(UnknownReason(unclear: reply)))
            return
        }
        switch read.errcode {
        case nil, 0:
            let openID = read.openid.flatMap { $0.isVisibleASCII(1...Payer.longestOpenID) ? $0 : nil }
            self = openID.map { .found($0) } ?? .unknown(.answered(.unreadable))
        case let code? where Self.codeErrors.contains(code): self = .codeRefused
        case let code?:
            let error = ProviderError(
                code: "\(code)", message: read.errmsg?.text,
                weight: Self.passingErrors.contains(code) ? .undecided : .refusal)
            self = .unknown(.answered(.code(error)))
        }
    }
}

extension WeChatPayWire {
    /// The answer to an OAuth code: an openid, or an error.
    struct OpenID: Decodable {
        let openid: String?
        let errcode: Int?
        let errmsg: LenientText?
    }
}
