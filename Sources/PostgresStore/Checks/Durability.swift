/// How the PostgreSQL server keeps a commit when its machine is lost: the setting `database.durability`.
public enum Durability: String, CaseIterable, Sendable {
    /// Each commit waits for a synchronous standby.
    case replicated
    /// One server without a standby. Its disk has the only copy.
    case single
    /// The provider of the server keeps the commits, as Aurora, AlloyDB and Cloud SQL do.
    case managed
}
