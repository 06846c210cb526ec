import PayFlow
import PostgresStore

/// Checks the database of `database.url`. Changes nothing.
struct DatabaseCheck {
    let address: DatabaseAddress
    /// For PostgreSQL.
    let durability: Durability

    func findings() -> [Finding] {
        switch address {
        case .sqlite(let path): [DatabaseFileCheck(path: path).finding()]
        case .postgres(let uri):
            DatabaseServerCheck(address: address, uri: uri, durability: durability).findings()
        }
    }
}
