import Foundation
import FoundationNetworking

/// Reports an order's changes until it is over: by its event stream, or by polling if the stream is not available.
struct Follower {
    /// Connections in a row without an event before the client polls instead.
    private static let mostFailures = 3
    private static let pollPause = Duration.seconds(2)
    /// How long the network may be away, as in a tunnel or a lift.
    private static let patience = Duration.seconds(120)

    let service: PayService
    /// Whether to try the stream at all.
    let streams: Bool

    /// Returns the order in its final state.
    func follow(_ tell: (Order) -> Void) async throws -> Order {
        // A plain request reports errors in detail; a stream only fails.
        let now = try await service.state()
        tell(now)
        if now.isOver { return now }
        if streams {
            if let last = try await listen(after: now.revision, tell) { return last }
            Teller.say("The event stream is not available. Polling every \(Self.pollPause.components.seconds) s.")
        }
        return try await poll(after: now.revision, tell)
    }

    /// Nil if the stream is not available.
    private func listen(after revision: String, _ tell: (Order) -> Void) async throws -> Order? {
        var known = revision
        var pause = Self.pollPause
        var failures = 0
        var givesUpAt = ContinuousClock.now + Self.patience
        while failures < Self.mostFailures {
            do {
                failures += 1
                for try await item in service.events(after: known) {
                    givesUpAt = .now + Self.patience
                    if case .retry(let asked) = item { pause = asked } else { failures = 0 }
                    guard case .event(let id, let data) = item else { continue }
                    known = id ?? known
                    let order = try PayService.decode(Order.self, Data(data.utf8))
                    tell(order)
                    if order.isOver { return order }
                }
            } catch let error as URLError where Self.isAway(error) {
                // Polling would fail too. Once the network is back, the stream resumes after the last event.
                guard ContinuousClock.now < givesUpAt else { throw error }
                failures = 0
            } catch is URLError {
                // The connection was silent for too long, or the answer is not a stream: an intermediary blocks
                // streams.
            }
            try await Task.sleep(for: pause)
        }
        return nil
    }

    /// Whether the server is unreachable.
    private static func isAway(_ error: URLError) -> Bool {
        let codes: [URLError.Code] = [
            .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .networkConnectionLost, .notConnectedToInternet,
        ]
        return codes.contains(error.code)
    }

    private func poll(after revision: String, _ tell: (Order) -> Void) async throws -> Order {
        var known = revision
        var givesUpAt = ContinuousClock.now + Self.patience
        while true {
            do {
                let order = try await service.state()
                givesUpAt = .now + Self.patience
                if order.revision != known { tell(order) }
                known = order.revision
                if order.isOver { return order }
            } catch let problem as Problem where problem.isFinal {
                throw problem
            } catch {
                guard ContinuousClock.now < givesUpAt else { throw error }
            }
            try await Task.sleep(for: Self.pollPause)
        }
    }
}
