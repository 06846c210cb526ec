import Mustache
import PayCore

/// A template of the console, parsed once.
struct ConsoleTemplate: Sendable {
    private let template: MustacheTemplate

    /// - Parameter bytes: the embedded file. Its first line names the content type `CONSOLE`, which escapes by scalar.
    init(_ bytes: [UInt8]) {
        MustacheContentTypes.register(ScalarEscapes(), named: ScalarEscapes.name)
        do {
            template = try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
        } catch {
            // The template is part of the binary, so every test that renders a page would find this mistake.
            preconditionFailure("a console template can't be parsed: \(error)")
        }
    }

    /// - Parameter shared: further members that the template can name.
    func html(_ view: some Sendable, _ shared: SharedMembers) -> String {
        template.render(TemplateMembers(view, shared))
    }
}

/// The members that every template can name besides those of its view.
struct SharedMembers: Sendable {
    let language: ConsoleLanguage
    /// Empty for a visitor who is not signed in.
    let csrf: String
    let role: OperatorRole?

    var mayOperate: Bool { role.map { $0 >= .operator } ?? false }
    var isAdmin: Bool { role == .admin }
}

/// The members of a view by name, with the members of its parts.
///
/// Without it, the template engine would use reflection for each name of each row.
private struct TemplateMembers: MustacheParent {
    private let members: [String: Any]

    init(_ view: some Sendable, _ shared: SharedMembers) {
        var members = Self.members(of: view)
        members["words"] = Self.words[shared.language]
        members["lang"] = shared.language.rawValue
        members["csrf"] = shared.csrf
        members["mayOperate"] = shared.mayOperate
        members["isAdmin"] = shared.isAdmin
        self.members = members
    }

    private init(members: [String: Any]) {
        self.members = members
    }

    func child(named name: String) -> Any? { members[name] }

    /// Strings never change, so sharing them is safe. `Any` hides that from the compiler.
    nonisolated(unsafe) private static let words = Dictionary(
        uniqueKeysWithValues: ConsoleLanguage.allCases.map { ($0, Self.value($0.words)) })

    /// Nil members are left out. The engine then looks up the name in the enclosing view.
    private static func members(of object: Any) -> [String: Any] {
        var members: [String: Any] = [:]
        for case (let name?, let value) in Mirror(reflecting: object).children {
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle != .optional {
                members[name] = self.value(value)
            } else if let wrapped = mirror.children.first {
                members[name] = self.value(wrapped.value)
            }
        }
        return members
    }

    private static func value(_ value: Any) -> Any {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .struct where !(value is any CustomStringConvertible): return TemplateMembers(members: members(of: value))
        case .collection: return mirror.children.map { self.value($0.value) }
        default: return value
        }
    }
}

/// Escapes text for HTML content and quoted attributes, scalar by scalar.
///
/// The template engine's own escaping works on characters. It misses a quote that is followed by a combining mark.
private struct ScalarEscapes: MustacheContentType {
    /// The name that the templates use.
    static let name = "CONSOLE"

    func escapeText(_ text: String) -> String { text.escapedForHTML }
}
