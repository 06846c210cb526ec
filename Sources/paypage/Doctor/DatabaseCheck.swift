import PayFlow

/// Checks the database of `database.url`. Changes nothing.
struct DatabaseCheck {
    private let address: DatabaseAddress

    init(_ address: DatabaseAddress) {
        self.address = address
    }

    func findings() async -> [Finding] {
        switch address {
        case .sqlite(let path): [DatabaseFileCheck(path: path).finding()]
        case .postgres: [Finding(grade: .failure, subject: "database", text: "PostgreSQL is not supported yet")]
        }
    }
}
