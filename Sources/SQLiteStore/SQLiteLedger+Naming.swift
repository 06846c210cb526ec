public import PayFlow

extension SQLiteLedger: OrderNaming {
    public func ordersNamed(_ number: String, limit: Int) async throws -> [NamedOrder] {
        try await read { try NumberStatements.named(number, limit: limit, $0) }
    }
}
