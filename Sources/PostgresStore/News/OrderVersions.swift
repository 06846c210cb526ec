/// The versions of orders.
enum OrderVersions {
    static let sql = "SELECT number, updated_at FROM orders WHERE number = ANY($1::text[])"

    /// The versions of those orders that there are, in one snapshot.
    static func read(of numbers: [String], _ connection: any LaneConnection) throws -> [String: Int64] {
        let rows = try connection.query(Query(sql, [.texts(numbers)]))
        var versions: [String: Int64] = [:]
        versions.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            if let number = rows[row].text(0) { versions[number] = rows[row].integer(1) }
        }
        return versions
    }
}
