import PayCore

/// Turns WeChat's answers to a create into pages.
struct WeChatPayPages: Sendable {
    /// WeChat's lifetime of `code_url` and `prepay_id`, less the time for delivering the page.
    private static let usableFor = Duration.seconds(2 * 3_600 - 30)
    /// `h5_url` lives for five minutes.
    private static let redirectUsableFor = Duration.seconds(5 * 60 - 30)
    /// In bytes. Far above the links that WeChat sends.
    private static let longestLink = 4_096

    let merchantID: String
    let signer: WeChatPaySigner

    /// Nil if the answer has no page of that kind.
    func page(_ opened: WeChatPayWire.Opened, for stored: StoredRequest, at now: Instant) -> ProviderPage? {
        switch stored.terminal {
        case .pc:
            opened.codeURL.flatMap(link).map { page(.qr, $0, for: stored, Self.usableFor) }
        case .h5:
            opened.h5URL.flatMap(link).flatMap { redirect($0, back: stored.returnURL) }
                .map { page(.redirect, $0, for: stored, Self.redirectUsableFor) }
        case .app:
            sdkPage(opened, for: stored) { appParameters($0, of: $1, at: now) }
        case .jsapi, .mini:
            sdkPage(opened, for: stored) { jsapiParameters($0, of: $1, at: now) }
        }
    }

    /// The page of a `prepay_id`. Its parameters name the appid of the trade, because WeChat refuses any other.
    private func sdkPage(
        _ opened: WeChatPayWire.Opened, for stored: StoredRequest, _ parameters: (String, String) -> String
    ) -> ProviderPage? {
        guard let prepayID = opened.prepayID.flatMap(link), let appID = stored.appID else { return nil }
        return page(.sdk, parameters(prepayID, appID), for: stored, Self.usableFor)
    }

    private func page(
        _ kind: PageKind, _ content: String, for stored: StoredRequest, _ usableFor: Duration
    ) -> ProviderPage {
        ProviderPage(kind: kind, content: content, serves: [stored.terminal], usableFor: usableFor)
    }

    private func link(_ text: String) -> String? {
        text.isVisibleASCII(1...Self.longestLink) ? text : nil
    }

    /// `redirect_url`, the return URL, is the only parameter that may be appended to `h5_url`.
    private func redirect(_ url: String, back returnURL: String?) -> String? {
        guard WebAddress(url)?.scheme == .https else { return nil }
        guard let returnURL else { return url }
        return "\(url)&redirect_url=\(returnURL.percentEncoded)"
    }

    /// The parameters for WeChat's SDK in an app. The fourth signed line is the bare id.
    private func appParameters(_ prepayID: String, of appID: String, at now: Instant) -> String {
        let (timeStamp, nonce) = (WeChatPaySigner.timestamp(now), signer.nonce())
        return text(
            AppParameters(
                appId: appID, partnerId: merchantID, prepayId: prepayID,
                packageValue: "Sign=WXPay", nonceStr: nonce, timeStamp: timeStamp,
                sign: signer.sign(lines: [appID, timeStamp, nonce, prepayID])))
    }

    /// The parameters for an official account or a mini program. The fourth signed line is `package`, including
    /// `prepay_id=`.
    private func jsapiParameters(_ prepayID: String, of appID: String, at now: Instant) -> String {
        let (timeStamp, nonce) = (WeChatPaySigner.timestamp(now), signer.nonce())
        let package = "prepay_id=\(prepayID)"
        return text(
            JSAPIParameters(
                appId: appID, timeStamp: timeStamp, nonceStr: nonce, package: package, signType: "RSA",
                paySign: signer.sign(lines: [appID, timeStamp, nonce, package])))
    }

    private func text(_ parameters: some Encodable) -> String {
        String(decoding: WeChatPayWire.encode(parameters), as: UTF8.self)
    }

    /// Field names of the SDK.
    private struct AppParameters: Encodable {
        let appId, partnerId, prepayId, packageValue, nonceStr, timeStamp, sign: String
    }

    /// Field names of the SDK.
    private struct JSAPIParameters: Encodable {
        let appId, timeStamp, nonceStr, package, signType, paySign: String
    }
}
