/// Calls to one provider, so many at once; the others wait in the order in which they came. It holds who waits, and
/// says whose turn it is.
struct CallLine<Waiter> {
    enum Arrival: Equatable {
        case goes
        case waits
        /// So many wait already that this one would wait in vain.
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

    /// Takes a place when one is free. Whoever waits comes first.
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

    /// A call is over: the place of it goes to the waiter that is returned, or is free.
    mutating func leave() -> Waiter? {
        guard !waiting.isEmpty else {
            inFlight -= 1
            return nil
        }
        return waiting.removeFirst().waiter
    }

    /// The waiter gives up its place in the line; nil when its turn has come, or it never waited.
    mutating func giveUp(_ ticket: UInt64) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return waiting.remove(at: index).waiter
    }
}
