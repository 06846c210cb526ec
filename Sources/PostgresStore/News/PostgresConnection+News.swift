extension PostgresConnection: NewsLine {
    /// - Parameter channel: a name without special characters.
    func listen(to channel: String) throws { _ = try query(Query("LISTEN \(channel)")) }

    func check() throws { _ = try query(Query("SELECT 1")) }
}
