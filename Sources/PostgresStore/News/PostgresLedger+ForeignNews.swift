import Foundation
package import PayCore
package import PayFlow

/// News are heard from other processes, and checked by the versions of the watched orders.
extension PostgresLedger: ForeignNews {
    package func changesOfOthers() -> AsyncStream<ForeignChange> { news.listener.start() }

    package func changes(of watched: [OrderNumber]) async throws -> ForeignChange {
        guard news.sweep.isDue(isListening: news.listener.isListening) else { return .none }
        let numbers = watched.map(\.text)
        let versions = try await lanes.findOnce { try OrderVersions.read(of: numbers, $0) }
        return .orders(news.sweep.changes(of: watched, versions))
    }
}

/// The connections that tell and hear of changes, and the check behind them.
struct NewsLanes: Sendable {
    let sender: NewsSender
    let listener: NewsListener
    let sweep: VersionSweep

    init(_ address: ServerAddress) {
        let waits = LaneWaits()
        let node = UUID().uuidString
        sender = NewsSender(node: node, waits: waits) { try PostgresConnection(address, .undurable) }
        listener = NewsListener(node: node, waits: waits) { try PostgresConnection(address) }
        sweep = VersionSweep(now: waits.now)
    }

    /// Sends what waits, and closes both connections. Blocks.
    func close() {
        listener.close()
        sender.close()
    }
}
