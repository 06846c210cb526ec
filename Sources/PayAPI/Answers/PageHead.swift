package import HTTPTypes
package import PayCache
import PayCore
import PayFlow

/// The header fields of a page that is served as itself. They are the same for all pages of a channel in one form.
package struct PageHead {
    package let fields: HTTPFields

    /// - Parameter formTargets: the allowed targets of forms in the channel's HTML pages.
    package init(_ kind: Representation, formTargets: [String]) {
        var fields: HTTPFields = [
            .cacheControl: "no-store", .vary: "Accept, Authorization", .xContentTypeOptions: "nosniff",
        ]
        if kind == .html {
            fields[.contentSecurityPolicy] = ProviderPagePolicy(formTargets: formTargets).text
            fields[.referrerPolicy] = ProviderPagePolicy.referrers
        }
        fields[.contentType] = kind.contentType
        self.fields = fields
    }
}
