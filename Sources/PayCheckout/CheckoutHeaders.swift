import HTTPTypes
import Hummingbird
import PayAPI

/// The header fields of the hosted page.
enum CheckoutHeaders {
    static func fields(frameAncestors: [String]) -> HTTPFields {
        let ancestors = frameAncestors.isEmpty ? "'none'" : frameAncestors.joined(separator: " ")
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .vary: "Accept-Language, User-Agent, Accept-Encoding",
            .contentSecurityPolicy: """
            default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
            form-action 'self'; base-uri 'none'; frame-ancestors \(ancestors)
            """,
            // The path holds the token and is never sent as a Referer. The origin is sent, because WeChat's H5 page
            // requires it.
            .referrerPolicy: "strict-origin",
            .robotsTag: "noindex",
        ]
        // Older browsers don't support frame-ancestors, and `X-Frame-Options` can't name several hosts.
        if frameAncestors.isEmpty { fields[.frameOptions] = "DENY" }
        return fields
    }
}

extension HTTPField.Name {
    static let robotsTag = Self("X-Robots-Tag")!
    static let frameOptions = Self("X-Frame-Options")!
}
