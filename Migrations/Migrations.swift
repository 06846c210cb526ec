/// A step of the schema's history. Its SQL never changes after a release.
public struct Migration: Hashable, Sendable {
    /// The file's name without its ending: `v0001_schema`.
    public let name: String
    public let sql: String

    public init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    init(_ name: String, _ embedded: [UInt8]) {
        self.init(name: name, sql: String(decoding: embedded, as: UTF8.self))
    }
}

/// The schema's history, in the order in which it is applied.
///
/// The list is written by hand, because an embedded folder has no order. A new step is a new file and a line at the
/// end. A released file never changes, not even in a comment: every database stores its digest.
public enum SchemaHistory {
    public static let sqlite: [Migration] = [
        Migration("v0001_schema", PackageResources.v0001_schema_sql)
    ]

    public static let postgres: [Migration] = [
        Migration("p0001_schema", PackageResources.p0001_schema_sql)
    ]
}
