import PayCore
import PayFlow
import PayProviders

/// Tells which appid each terminal pays by, and checks the AppSecret of WeChat's OAuth.
struct WeChatPayAppCheck {
    /// No code of WeChat's has this form.
    private static let madeUpCode = "paypage_doctor"

    let provider: any PaymentProvider
    let names: ChannelKeyNames

    func findings() async -> [Finding] {
        guard let source = provider.openIDs else { return [appIDs] }
        return [appIDs, oauth(await source.openID(for: Self.madeUpCode))]
    }

    /// Only a create shows whether an appid is bound to the merchant: a query doesn't.
    private var appIDs: Finding {
        let byTerminal = Terminal.allCases.compactMap { terminal in
            provider.appID(for: terminal).map { (terminal: terminal.rawValue, appID: $0) }
        }
        let used = byTerminal.map(\.appID).reduce(into: [String]()) { used, appID in
            if !used.contains(appID) { used.append(appID) }
        }
        let words = used.map { appID in
            let terminals = byTerminal.filter { $0.appID == appID }.map(\.terminal)
            return "\(appID) for \(terminals.joined(separator: ", "))"
        }
        return .ok(
            "\(provider.channel) appids",
            words.joined(separator: "; ")
                + "; no check shows whether they are bound to the merchant: compare them with the merchant console")
    }

    private func oauth(_ answer: OpenIDAnswer) -> Finding {
        let subject = "\(provider.channel) oauth"
        switch answer {
        case .found, .codeRefused: return .ok(subject, "the AppSecret and the appid of jsapi are accepted")
        case .unknown(let doubt):
            switch doubt.reason.error?.code {
            case "40125", "40001":
                return .failure(
                    subject, "WeChat does not accept the AppSecret (\(doubt.reason.text))",
                    remedy: "set \(names.name(of: .wechatOAuthSecret)) to the AppSecret of the official account that "
                        + "\(names.name(of: .wechatAppIDJSAPI)) names")
            case "40013":
                return .failure(
                    subject, "WeChat does not know the appid of jsapi (\(doubt.reason.text))",
                    remedy: "set \(names.name(of: .wechatAppIDJSAPI)) to the appid of the official account")
            default:
                return .warning(
                    subject, "could not be checked: \(doubt.reason.text)",
                    remedy: "check \(names.name(of: .wechatOAuthBaseURL)), and run paypage doctor again")
            }
        }
    }
}
