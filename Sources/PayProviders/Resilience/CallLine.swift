/// Limits the concurrent calls to one provider. Further calls wait in a first-in, first-out queue.
struct CallLine<Waiter> {
    enum Arrival: Equatable {
        case goes
        case waits
        /// The queue is full.
        case isTurnedAway
    }

    let mostAtOnce: Int
    let longestLine: Int
    private(set) var inFlight = 0
    private var waiting: [(ticket: UInt64, waiter: Waiter)] = []

    init(mostAtOnce: Int, longestLine: Int) {
        self.mostAtOnce = mostAtOnce
        self.longestLine = longestLine
    }

    var waitingCount: Int { waiting.count }

    /// Takes a slot if one is free. Waiting calls take precedence.
    mutating func goAtOnce() -> Bool {
        guard inFlight < mostAtOnce else { return false }
        inFlight += 1
        return true
    }

    mutating func arrive(_ ticket: UInt64, _ waiter: Waiter) -> Arrival {
        if goAtOnce() { return .goes }
        guard waiting.count < longestLine else { return .isTurnedAway }
        waiting.append((ticket, waiter))
        return .waits
    }

    /// Releases a slot. The slot goes to the returned waiter, or is free if there is none.
    mutating func leave() -> Waiter? {
        guard !waiting.isEmpty else {
            inFlight -= 1
            return nil
        }
        return waiting.removeFirst().waiter
    }

    /// Removes a waiter from the queue; nil if its turn has come or it never waited.
    mutating func giveUp(_ ticket: UInt64) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return waiting.remove(at: index).waiter
    }
}
