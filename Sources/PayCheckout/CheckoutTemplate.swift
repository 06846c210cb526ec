import Mustache
import PayCore

/// The template of the hosted page.
enum CheckoutTemplate {
    static func html(_ view: CheckoutView) -> String { template.render(TemplateMembers(of: view)) }

    private static let template: MustacheTemplate = {
        MustacheContentTypes.register(ScalarEscapes(), named: ScalarEscapes.name)
        do {
            return try MustacheTemplate(string: String(decoding: PackageResources.checkout_mustache, as: UTF8.self))
        } catch {
            // The template is part of the binary, so every test that renders a page would find this mistake.
            preconditionFailure("the checkout template can't be parsed: \(error)")
        }
    }()
}

/// The members of a view by name.
///
/// Without it, the template engine would use reflection for each of about a hundred names, which takes milliseconds.
private struct TemplateMembers: MustacheParent {
    private let members: [String: Any]

    init(of view: CheckoutView) {
        var members = Self.members(of: view)
        members["texts"] = Self.texts[view.lang]
        self.members = members
    }

    func child(named name: String) -> Any? { members[name] }

    /// Strings never change, so sharing them is safe. `Any` hides that from the compiler.
    nonisolated(unsafe) private static let texts = Dictionary(
        uniqueKeysWithValues: CheckoutLanguage.allCases.map { ($0.rawValue, members(of: $0.texts)) })

    /// Nil members are left out. The engine then looks up the name in the enclosing view.
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

/// Escapes text for HTML content and quoted attributes, scalar by scalar.
///
/// The template engine's own escaping works on characters. It misses a quote that is followed by a combining mark.
private struct ScalarEscapes: MustacheContentType {
    /// The name that the template uses.
    static let name = "CHECKOUT"

    func escapeText(_ text: String) -> String { text.escapedForHTML }
}
