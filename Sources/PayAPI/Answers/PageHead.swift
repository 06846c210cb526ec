package import HTTPTypes
package import PayCache
import PayCore
import PayFlow

/// What the answer of a page's own says beside the page: the same for all pages of a channel in one form.
package struct PageHead {
    package let fields: HTTPFields

    /// - Parameter formTargets: where the forms in the channel's HTML pages may go.
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
