/// A migration that a database names as applied.
public struct AppliedMigration: Hashable, Sendable {
    public let name: String
    public let digest: String

    public init(name: String, digest: String) {
        self.name = name
        self.digest = digest
    }
}

/// The reason why applied migrations are not the beginning of a history.
public enum HistoryMismatch: Error, Hashable, Sendable {
    /// An applied migration has another text in this program.
    case altered(migration: String)
    /// The database has a migration that this program doesn't know.
    case newer(migration: String)
    /// A later migration was applied, and this one wasn't.
    case missing(migration: String)
}

extension [Migration] {
    /// Throws unless the applied migrations are the beginning of this history, with the same texts.
    public func check(_ applied: [AppliedMigration]) throws(HistoryMismatch) {
        let known = Set(map(\.name))
        if let unknown = applied.first(where: { !known.contains($0.name) }) { throw .newer(migration: unknown.name) }
        for (step, migration) in zip(applied, self) {
            guard step.name == migration.name else { throw .missing(migration: migration.name) }
            guard step.digest == migration.digest else { throw .altered(migration: migration.name) }
        }
    }
}
