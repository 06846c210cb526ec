import Foundation
import FoundationNetworking

/// Tells of an order until it is over: live, and by asking where no stream gets through.
struct Follower {
    /// Connections in a row that brought nothing, before it is asked instead.
    private static let mostFailures = 3
    private static let pollPause = Duration.seconds(2)
    /// For so long the network may be gone: a tunnel, a lift.
    private static let patience = Duration.seconds(120)

    let service: PayService
    /// Whether a stream is tried at all.
    let streams: Bool

    /// Returns the order as it was when it was over.
    func follow(_ tell: (Order) -> Void) async throws -> Order {
        // What is wrong with the question is told by asking; a stream only says that there is none.
        let now = try await service.state()
        tell(now)
        if now.isOver { return now }
        if streams {
            if let last = try await listen(after: now.revision, tell) { return last }
            Teller.say("The event stream is not available. Polling every \(Self.pollPause.components.seconds) s.")
        }
        return try await poll(after: now.revision, tell)
    }

    /// Nil when no stream gets through.
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
                // Asking would get no further. When somebody is there again, the stream goes on where it ended.
                guard ContinuousClock.now < givesUpAt else { throw error }
                failures = 0
            } catch is URLError {
                // It was silent for too long, or what answered is no stream: something stands in between.
            }
            try await Task.sleep(for: pause)
        }
        return nil
    }

    /// Nobody is there at all, or not any more.
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
