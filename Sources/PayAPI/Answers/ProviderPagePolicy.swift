/// What a browser lets a provider's HTML document do that comes from our address. It is not ours: it gets no origin of
/// its own, and so none of our cookies, our storage or what our other paths answer.
struct ProviderPagePolicy {
    /// CSP source expressions: where the document's forms may go.
    let formTargets: [String]

    /// What a payment page needs: forms, the script that sends them, and to go to the provider.
    private static let sandbox = "sandbox allow-forms allow-scripts allow-popups allow-top-navigation"

    /// The value of `Content-Security-Policy`. The document's own scripts and styles run, and nobody is spoken to, or
    /// let in, but those whom it may send a form to: its address may hold a checkout token, which is no third party's.
    var text: String {
        let targets = formTargets.isEmpty ? "'none'" : formTargets.joined(separator: " ")
        let inline = (["'unsafe-inline'"] + formTargets).joined(separator: " ")
        return [
            Self.sandbox, "form-action \(targets)", "default-src 'none'", "connect-src \(targets)",
            "script-src \(inline)", "style-src \(inline)", "font-src \(targets)",
            "img-src \((["data:"] + formTargets).joined(separator: " "))", "base-uri 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    /// The path may hold a checkout token, which must not be in a Referer. Chromium sends none at all for a document
    /// that is sandboxed; who sends one may send our origin.
    static let referrers = "strict-origin"

    // No Cross-Origin-Opener-Policy: the HTML standard takes a document that has one and is sandboxed for a network
    // error.
}
