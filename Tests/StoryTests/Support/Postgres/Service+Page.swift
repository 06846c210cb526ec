import PayProviders

extension Service {
    /// The page itself, as the buyer's browser gets it.
    func page(_ order: String, terminal: String = "pc") async throws -> ProviderReply {
        try await call(.get, "/v1/payments/\(order)/page?channel=sandbox&terminal=\(terminal)")
    }
}
