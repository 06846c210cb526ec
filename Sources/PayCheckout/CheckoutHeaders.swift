import HTTPTypes
import Hummingbird
import PayAPI

/// What the hosted page tells the browser of itself.
enum CheckoutHeaders {
    static func fields(frameAncestors: [String]) -> HTTPFields {
        let ancestors = frameAncestors.isEmpty ? "'none'" : frameAncestors.joined(separator: " ")
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .vary: "Accept-Language, User-Agent",
            .contentSecurityPolicy: """
            default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
            form-action 'self'; base-uri 'none'; frame-ancestors \(ancestors)
            """,
            // The link itself goes nowhere; its origin does, because WeChat's H5 page wants to know where its reader
            // comes from.
            .referrerPolicy: "strict-origin",
            .robotsTag: "noindex",
        ]
        // Older browsers know no frame-ancestors; for several hosts they have no word.
        if frameAncestors.isEmpty { fields[.frameOptions] = "DENY" }
        return fields
    }
}

extension HTTPField.Name {
    static let robotsTag = Self("X-Robots-Tag")!
    static let frameOptions = Self("X-Frame-Options")!
}
