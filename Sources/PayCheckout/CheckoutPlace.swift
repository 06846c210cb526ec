import Foundation
import PayCore
import PayFlow

/// The page's address and its reader's choices: the inputs of the page besides the order.
struct CheckoutPlace: Sendable {
    let language: CheckoutLanguage
    /// The name of the shop; nil if it has none.
    let shop: String?
    /// The public base URL of the service, without a trailing slash.
    let publicURL: String
    /// Nil if the link is invalid. A client's text is not repeated on the page.
    let token: String?
    /// The query parameters that links of the page repeat: `lang`, `terminal`, `openid`.
    let carried: [CheckoutView.Field]
    var channels = ChannelList([])
    var assets: CheckoutAssets = .standard

    var texts: CheckoutTexts { language.texts }

    /// The shop in a sentence.
    var shopInWords: String { shop ?? texts.theShop }

    /// The path under which a proxy serves the service.
    private var prefix: String { URLComponents(string: publicURL)?.percentEncodedPath ?? "" }

    func url(of asset: CheckoutAsset) -> String { asset.url(under: "\(prefix)/assets") }
    var path: String { token.map { "\(prefix)/checkout/\($0)" } ?? "" }

    /// The checkout link, for use on another device; nil if the link is invalid.
    var url: String? { token.map { "\(publicURL)/checkout/\($0)" } }

    /// The address of this page, with changes to its query.
    func link(_ changes: [CheckoutView.Field] = []) -> String {
        let kept = carried.filter { old in !changes.contains { $0.field == old.field } }
        return Self.link(path, kept + changes)
    }

    /// The target of the page's forms.
    var action: String { link() }

    /// The address of the stored page with this query.
    func page(_ query: [CheckoutView.Field]) -> String { Self.link("\(path)/page", query) }

    /// The address that sends the buyer to WeChat for an openid at this channel.
    func authorize(_ channel: PayCore.Channel) -> String {
        Self.link("\(path)/authorize", language(and: .init(field: "channel", value: channel.name)))
    }

    /// The absolute address to which WeChat sends the buyer back.
    var openIDReturn: String { Self.link("\(url ?? publicURL)/openid", language()) }

    /// The language, if the reader chose it. WeChat names the terminal and the payer.
    private func language(and more: CheckoutView.Field...) -> [CheckoutView.Field] {
        carried.filter { $0.field == "lang" } + more
    }

    private static func link(_ path: String, _ query: [CheckoutView.Field]) -> String {
        guard !query.isEmpty else { return path }
        return "\(path)?" + query.map { "\($0.field)=\(escaped($0.value))" }.joined(separator: "&")
    }

    private static func escaped(_ value: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return value.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
