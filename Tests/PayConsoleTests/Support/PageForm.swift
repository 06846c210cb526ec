import Foundation
import PayCore
import PayFlow
import ServiceTestSupport

/// A form as it stands on a page, filled in by a browser.
struct PageForm {
    let action: String
    let isPost: Bool
    /// The hidden fields, and the others with the values that the page gave them.
    var fields: [String: String]

    /// Nil if the page has no form of this id.
    init?(_ id: String, on page: Answer) {
        guard let start = page.text.range(of: "<form id=\"\(id)\""),
            let end = page.text[start.lowerBound...].range(of: "</form>")
        else { return nil }
        let form = page.text[start.lowerBound..<end.lowerBound]
        action = Self.value("action", in: form) ?? ""
        isPost = Self.value("method", in: form) == "post"
        fields = [:]
        for tag in form.split(separator: "<") where tag.hasPrefix("input") || tag.hasPrefix("textarea") {
            guard let name = Self.value("name", in: tag) else { continue }
            let text =
                tag.hasPrefix("textarea")
                ? tag.split(separator: ">", maxSplits: 1).dropFirst().first.map(String.init) : nil
            fields[name] = text.map(Self.unescaped) ?? Self.value("value", in: tag) ?? ""
        }
    }

    func filled(_ values: [String: String]) -> PageForm {
        var form = self
        form.fields.merge(values) { _, new in new }
        return form
    }

    private static func value(_ name: String, in text: Substring) -> String? {
        text.range(of: " \(name)=\"").map { unescaped(String(text[$0.upperBound...].prefix { $0 != "\"" })) }
    }

    private static func unescaped(_ text: String) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")].reduce(text) { text, pair in
            // By scalar, as a browser reads it.
            text.replacingOccurrences(of: pair.0, with: pair.1, options: .literal)
        }
    }
}

extension ConsoleBrowser {
    /// Submits a form. Redirects are not followed.
    func submit(_ form: PageForm) async throws -> Answer {
        if form.isPost {
            var fields = form.fields
            let csrf = fields.removeValue(forKey: "csrf")
            return try await post(form.action, fields, csrf: csrf)
        }
        let query = form.fields.sorted { $0.key < $1.key }.map { "\($0.key.percentEncoded)=\($0.value.percentEncoded)" }
        return try await get("\(form.action)?\(query.joined(separator: "&"))")
    }

    /// Submits a form, and follows the redirect.
    func complete(_ form: PageForm) async throws -> Answer {
        let answer = try await submit(form)
        guard answer.status == 303, let place = answer.header("Location") else { return answer }
        return try await get(place)
    }
}

extension TestConsole {
    /// The entries of the audit about other things than operators, the latest first.
    func changes() async throws -> [String] {
        let entries = try await store.auditEntries(AuditListing(limit: 50)).map(\.note)
        return entries.filter { !$0.action.rawValue.hasPrefix("operator.") }
            .map { "\($0.actor.name) \($0.action.rawValue) \($0.subject)" }
    }

    /// A paid order of 99.00 CNY.
    func paidOrder() async throws {
        _ = try await service.client.pay()
        try await service.payAndSettle()
    }
}
