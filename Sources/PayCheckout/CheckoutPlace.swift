import Foundation

/// Where the page lies, and what its reader chose: what it needs beside the order.
struct CheckoutPlace: Sendable {
    let language: CheckoutLanguage
    /// The shop's name.
    let shop: String
    /// Where the service is reached from outside, without a slash at the end.
    let publicURL: String
    /// Nil where the link is none of ours: what a stranger wrote there is not repeated.
    let token: String?
    /// What the query said and goes on to say: `lang`, `terminal`, `openid`.
    let carried: [CheckoutView.Field]

    var texts: CheckoutTexts { language.texts }

    /// The path at which a proxy may have put the service.
    private var prefix: String { URLComponents(string: publicURL)?.percentEncodedPath ?? "" }

    var assets: String { "\(prefix)/assets" }
    var path: String { token.map { "\(prefix)/checkout/\($0)" } ?? "" }

    /// The checkout link itself, for another screen; nil where it is none.
    var url: String? { token.map { "\(publicURL)/checkout/\($0)" } }

    /// This page with some of its query changed.
    func link(_ changes: [CheckoutView.Field] = []) -> String {
        let kept = carried.filter { old in !changes.contains { $0.field == old.field } }
        return Self.link(path, kept + changes)
    }

    /// The form that leads back to this page.
    var action: String { link() }

    /// The stored page of that name, by itself.
    func page(_ query: [CheckoutView.Field]) -> String { Self.link("\(path)/page", query) }

    private static func link(_ path: String, _ query: [CheckoutView.Field]) -> String {
        guard !query.isEmpty else { return path }
        return "\(path)?" + query.map { "\($0.field)=\(escaped($0.value))" }.joined(separator: "&")
    }

    private static func escaped(_ value: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return value.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
