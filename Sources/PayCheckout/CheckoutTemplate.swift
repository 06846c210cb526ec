import Mustache

/// The one template of the hosted page.
enum CheckoutTemplate {
    static func html(_ view: CheckoutView) -> String { template.render(TemplateMembers(of: view)) }

    private static let template: MustacheTemplate = {
        MustacheContentTypes.register(ScalarEscapes(), named: ScalarEscapes.name)
        do {
            return try MustacheTemplate(string: String(decoding: PackageResources.checkout_mustache, as: UTF8.self))
        } catch {
            // It is in the binary: the first test that draws a page would have found it.
            preconditionFailure("the checkout's template can't be read: \(error)")
        }
    }()
}

/// The members of a view by their names.
///
/// Without it the template engine would reflect the whole view for each of some hundred names, which took milliseconds.
private struct TemplateMembers: MustacheParent {
    private let members: [String: Any]

    init(of view: CheckoutView) {
        var members = Self.members(of: view)
        members["texts"] = Self.texts[view.lang]
        self.members = members
    }

    func child(named name: String) -> Any? { members[name] }

    /// Strings, which never change: safe to share, though `Any` doesn't say so.
    nonisolated(unsafe) private static let texts = Dictionary(
        uniqueKeysWithValues: CheckoutLanguage.allCases.map { ($0.rawValue, members(of: $0.texts)) })

    /// A nil value is left out: the engine then looks for the name further out.
    private static func members(of object: Any) -> [String: Any] {
        var members: [String: Any] = [:]
        for case (let name?, let value) in Mirror(reflecting: object).children {
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle != .optional {
                members[name] = value
            } else if let wrapped = mirror.children.first {
                members[name] = wrapped.value
            }
        }
        return members
    }
}

/// Escapes for HTML and its quoted attributes, scalar by scalar.
///
/// The template engine's own goes character by character, as Swift counts them: a quote with a combining mark behind it
/// is another character than a quote, and goes through. A browser reads scalars.
private struct ScalarEscapes: MustacheContentType {
    /// As the template asks for it.
    static let name = "CHECKOUT"

    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
