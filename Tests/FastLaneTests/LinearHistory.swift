import PayCore
import PayFlow
import PayTestSupport
import Synchronization

/// The interval of a read, in moments of the history and in times.
struct ReadInterval {
    let moments: ClosedRange<Int>
    let times: ClosedRange<Instant>
}

/// The result of a read: a page with its remaining time, or no live page.
enum Shown {
    case page(ShownPage)
    case noPage
}

/// The committed states of one order, with the intervals in which each was visible. The history is linear, because each
/// decision is made inside the order's transaction.
final class TrackedOrder: Sendable {
    struct Version {
        let name: Int
        /// The earliest moment of the commit.
        let began: Int
        /// The moment at which the writer knew of the commit.
        var acknowledged: Int?
        let pages: [ServedPage]
        let deadline: Instant
    }

    private struct State {
        var versions: [Version] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isRetired = false
    }

    let number: OrderNumber
    private let state = Mutex(State())
    private let revised = Atomic<Int>(0)

    /// Changes whenever the recorded history changes.
    var revision: Int { revised.load(ordering: .sequentiallyConsistent) }

    init(_ number: OrderNumber) {
        self.number = number
    }

    func add(_ version: Version) {
        state.withLock { $0.versions.append(version) }
        revise()
    }

    /// Removes a version that was not committed.
    func remove(_ name: Int) {
        state.withLock { $0.versions.removeAll { $0.name == name } }
        revise()
    }

    func acknowledge(_ name: Int, at moment: Int) {
        let waiting = state.withLock { state in
            if let index = state.versions.firstIndex(where: { $0.name == name }) {
                state.versions[index].acknowledged = moment
            }
            defer { state.waiting = [] }
            return state.waiting
        }
        revise()
        for waiter in waiting { waiter.resume() }
    }

    private func revise() {
        revised.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    /// Marks that the writer makes no further change, so that no waiter waits for one.
    func retire() {
        let waiting = state.withLock { state in
            state.isRetired = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Whether a read waits for the next commit.
    var isAwaited: Bool { state.withLock { !$0.waiting.isEmpty } }

    /// Returns when the next commit is acknowledged.
    func waitForCommit() async {
        await withCheckedContinuation { waiter in
            let isOver = state.withLock { state in
                if !state.isRetired { state.waiting.append(waiter) }
                return state.isRetired
            }
            if isOver { waiter.resume() }
        }
    }

    /// Whether the order was in the shown state at some moment of the read. The state must not be older than the last
    /// commit acknowledged before the read, nor newer than the last commit begun before its end. The remaining time
    /// must fit a time of the read.
    func explains(_ shown: Shown, _ read: ReadInterval, cutOffs: Deadlines) -> Bool {
        state.withLock { state in
            let versions = state.versions
            let first = versions.lastIndex { ($0.acknowledged ?? .max) <= read.moments.lowerBound } ?? 0
            return versions[first...].contains { version in
                version.began <= read.moments.upperBound && version.explains(shown, read.times, cutOffs)
            }
        }
    }
}

extension TrackedOrder.Version {
    init(_ name: Int, _ order: Order) {
        self.name = name
        began = name
        deadline = order.deadline
        if order.state.name == .new, let attempt = order.liveAttempt, attempt.state == .open {
            pages = attempt.pages.map { ServedPage(tradeNumber: attempt.number, channel: attempt.channel, page: $0) }
        } else {
            pages = []
        }
    }

    fileprivate func explains(_ shown: Shown, _ times: ClosedRange<Instant>, _ deadlines: Deadlines) -> Bool {
        switch shown {
        case .noPage: return pages.allSatisfy { !$0.page.isFresh(at: times.upperBound) }
        case .page(let shown):
            let isInTime = !shown.isRepay || times.lowerBound < deadlines.cutOff(of: deadline)
            return isInTime && shown.tells(timeLeftTo: deadline, times)
                && pages.contains { $0.page.isFresh(at: times.lowerBound) && shown.shows($0, times) }
        }
    }
}

/// Several orders with their commits on one line of moments.
final class LinearHistory: Sendable {
    private let moment = Atomic<Int>(0)
    private let orders = Mutex<[OrderNumber: TrackedOrder]>([:])

    /// The current moment, which orders other events.
    var now: Int { moment.load(ordering: .sequentiallyConsistent) }

    func next() -> Int { moment.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }

    func track(_ order: TrackedOrder) {
        orders.withLock { $0[order.number] = order }
    }

    func order(_ number: OrderNumber) -> TrackedOrder? {
        orders.withLock { $0[number] }
    }
}
