/// The browser policy for a provider's HTML document that is served from our address. The document gets an opaque
/// origin, so it can't read our cookies, storage or other paths.
struct ProviderPagePolicy {
    /// CSP source expressions for the targets of the document's forms.
    let formTargets: [String]

    /// A payment page needs forms, the script that submits them, and navigation to the provider.
    private static let sandbox = "sandbox allow-forms allow-scripts allow-popups allow-top-navigation"

    /// The value of `Content-Security-Policy`. The document's own scripts and styles run. It may connect only to the
    /// targets of its forms, because its address may hold a checkout token, which no third party may see.
    var text: String {
        let targets = formTargets.isEmpty ? "'none'" : formTargets.joined(separator: " ")
        let inline = (["'unsafe-inline'"] + formTargets).joined(separator: " ")
        return [
            Self.sandbox, "form-action \(targets)", "default-src 'none'", "connect-src \(targets)",
            "script-src \(inline)", "style-src \(inline)", "font-src \(targets)",
            "img-src \((["data:"] + formTargets).joined(separator: " "))", "base-uri 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    /// The path may hold a checkout token, which must not be in a Referer. Chromium sends no Referer for a sandboxed
    /// document; other browsers may send our origin.
    static let referrers = "strict-origin"

    // No Cross-Origin-Opener-Policy: by the HTML standard, a sandboxed document with that header is a network error.
}
