public import PayCore

/// The address of a database, as in `database.url`. Prints without a password.
public enum DatabaseAddress: Sendable, CustomStringConvertible {
    /// The path of an SQLite file.
    case sqlite(path: String)
    /// A connection URI of libpq, which may have a password.
    case postgres(uri: Secret)

    /// Reads `sqlite:PATH`, `postgresql://…` or `postgres://…`.
    public init(parsing text: String) throws(DatabaseAddressMistake) {
        if let path = text.removing(prefix: "sqlite:") {
            self = .sqlite(path: try Self.checkedPath(path))
        } else if ["postgresql://", "postgres://"].contains(where: text.hasPrefix) {
            guard Self.shown(text) != nil else { throw .notURI }
            self = .postgres(uri: Secret(text))
        } else {
            throw .unknownScheme
        }
    }

    public var description: String {
        switch self {
        case .sqlite(let path): path
        case .postgres(let uri): Self.shown(uri.reveal()) ?? "postgresql://…"
        }
    }

    private static func checkedPath(_ rest: String) throws(DatabaseAddressMistake) -> String {
        guard !rest.isEmpty else { throw .unknownScheme }
        // Other tools write `/data/x` as `sqlite:///data/x`; `sqlite://data/x` would silently be the same.
        let path = rest.hasPrefix("///") ? String(rest.dropFirst(2)) : rest
        guard !path.hasPrefix("//"), !path.hasPrefix(":"), !path.hasPrefix("file:") else { throw .notPath }
        return path
    }

    /// The hosts and the database's name; nil if the text is not clearly a URI, so that no part of it may be shown.
    private static func shown(_ uri: String) -> String? {
        let form = /(postgres(?:ql)?:\/\/)(?:[^@\/?#\s]*@)?([0-9A-Za-z._:,\[\]%-]*)(\/[0-9A-Za-z._%-]*)?(\?[^#@\s]*)?/
        guard let match = uri.wholeMatch(of: form) else { return nil }
        return "\(match.1)\(match.2)\(match.3 ?? "")"
    }
}

/// The reason why a text is not the address of a database. It never has a part of the text.
public enum DatabaseAddressMistake: Error, Hashable, Sendable {
    case unknownScheme
    /// The text after `sqlite:` is not a path.
    case notPath
    /// The text is not a URI, for example because its password has special characters.
    case notURI
}

extension String {
    fileprivate func removing(prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
