import PayFlow
public import Testing

/// The promises of every adapter, tested against the provider's fake over real HTTP.
///
///     @Test(arguments: ProviderSuite.cases(for: traits))
///     func `the adapter passes`(_ one: ProviderSuite.Case) async throws {
///         try await one.run { try await makeBench() }
///     }
public enum ProviderSuite {
    /// One promise, with its name in the list of tests.
    public struct Case: Sendable, CustomTestStringConvertible {
        public let name: String
        let body: @Sendable (ProviderBench) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (ProviderBench) async throws -> Void) {
            self.name = name
            self.body = body
        }

        public var testDescription: String { name }

        /// Runs the case on a new bench, and ends the bench afterwards.
        public func run(on make: () async throws -> ProviderBench) async throws {
            let bench = try await make()
            do {
                try await body(bench)
                await bench.finish()
            } catch {
                await bench.finish()
                throw error
            }
        }
    }

    /// The cases for a provider with these traits.
    public static func cases(for traits: ProviderTraits) -> [Case] {
        pageCases(for: traits) + stateCases(for: traits) + refundCases(for: traits) + noticeCases(for: traits)
            + faultCases(for: traits) + distressCases() + billCases()
    }
}
