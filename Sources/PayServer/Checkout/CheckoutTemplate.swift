import Mustache

/// The one template of the hosted page.
enum CheckoutTemplate {
    static func html(_ view: CheckoutView) -> String { template.render(view) }

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
