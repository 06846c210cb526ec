import CPQ

/// The address of a PostgreSQL server, or of several of which one is the primary.
package struct ServerAddress: Sendable, CustomStringConvertible {
    private let uri: String

    /// - Parameter uri: a connection URI of libpq, `postgresql://…`. Nil if libpq can't read it. libpq's reason is not
    ///   told, because it may quote the password.
    package init?(_ uri: String) {
        guard let options = PQconninfoParse(uri, nil) else { return nil }
        PQconninfoFree(options)
        self.uri = uri
    }

    /// Without the URI, which may have a password.
    package var description: String { "postgresql://…" }

    /// The URI's own parameters win over these.
    private static let defaults = [
        ("target_session_attrs", "read-write"), ("connect_timeout", "2"), ("tcp_user_timeout", "3000"),
        ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "2"),
        ("application_name", "paypage"), ("client_encoding", "UTF8"),
    ]

    /// Connects, for two seconds at most with each host. Blocks.
    func connect() -> OpaquePointer? {
        // A parameter of an expanded `dbname` wins over those before it.
        let parameters = Self.defaults + [("dbname", uri)]
        return Self.withCStrings(parameters.map(\.0)) { keywords in
            Self.withCStrings(parameters.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
    }

    /// The texts as C's array of strings that ends with null.
    private static func withCStrings<Value>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        let bytes = texts.flatMap { $0.utf8CString }
        return bytes.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            var pointers: [UnsafePointer<CChar>?] = []
            for text in texts {
                pointers.append(start)
                start = start.map { $0 + text.utf8CString.count }
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { pointers in
                // Never empty: its last element is null.
                body(pointers.baseAddress!)
            }
        }
    }
}
