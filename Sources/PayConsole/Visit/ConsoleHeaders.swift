import HTTPTypes
import Hummingbird
import PayAPI

/// The header fields of the console's pages.
enum ConsoleHeaders {
    static let html: HTTPFields = [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        .contentSecurityPolicy: """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """,
        // With no-referrer a browser would send `Origin: null` with the console's own forms.
        .referrerPolicy: "same-origin",
        .frameOptions: "DENY", .robotsTag: "noindex, nofollow", .openerPolicy: "same-origin",
        .resourcePolicy: "same-origin", .permissionsPolicy: "camera=(), geolocation=(), microphone=(), payment=()",
    ]
}

extension HTTPField.Name {
    static let frameOptions = Self("X-Frame-Options")!
    static let robotsTag = Self("X-Robots-Tag")!
    static let openerPolicy = Self("Cross-Origin-Opener-Policy")!
    static let resourcePolicy = Self("Cross-Origin-Resource-Policy")!
    static let permissionsPolicy = Self("Permissions-Policy")!
}
