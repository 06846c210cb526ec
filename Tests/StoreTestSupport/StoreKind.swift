/// The kinds of database that a store keeps its data in.
package enum StoreKind: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// The kinds that this run tests.
    package static let available: [StoreKind] = [.sqlite]
}
