import PayCore
import PayFlow

/// The limits on the number of event streams.
package struct LiveLimits: Sendable {
    /// Streams of one order. A payer has a few devices and tabs; a few people of the shop may watch too.
    package var ofOneOrder: Int
    /// Streams of one process. They take some 240 MiB of memory (see Benchmarks) and one open file each.
    package var inAll: Int

    package init(ofOneOrder: Int = 64, inAll: Int = 10_000) {
        self.ofOneOrder = ofOneOrder
        self.inAll = inAll
    }
}

/// The watchers of each order and the reads in progress for them. There is one read per order at a time, so that
/// messages about an order are in the order of its changes.
struct LiveTopics {
    /// The right to read an order for its watchers. It becomes void when all of them have left, even if others come
    /// later.
    struct Reading: Sendable {
        package let number: OrderNumber
        fileprivate let topic: Int
    }

    enum WatchAction {
        case tooMany
        /// The service is shutting down.
        case ending
        /// `reading` is nil if a read is in progress. Another read then follows it.
        case watching(Place, reading: Reading?)
    }

    struct Place: Sendable {
        package let number: OrderNumber
        fileprivate let watcher: Int
    }

    struct Watcher: Sendable {
        let inbox: AsyncStream<LiveNews>.Continuation
        /// Closes the connection of a client that does not read.
        let cut: @Sendable () -> Void
        fileprivate var hasHeard = false

        init(inbox: AsyncStream<LiveNews>.Continuation, cut: @escaping @Sendable () -> Void) {
            self.inbox = inbox
            self.cut = cut
        }
    }

    fileprivate enum ReadState {
        case none
        case underWay(isOutdated: Bool)
        /// The order has to be read: the last read failed, or others may have changed the order. The next check for
        /// other processes' changes reads it.
        case due
    }

    fileprivate struct Topic {
        let name: Int
        var watchers: [Int: Watcher] = [:]
        var latest: Order?
        var read = ReadState.none
    }

    private let limits: LiveLimits
    private var topics: [OrderNumber: Topic] = [:]
    private var names = 0
    private(set) var watcherCount = 0
    private(set) var isEnding = false

    init(limits: LiveLimits) {
        self.limits = limits
    }

    var numbers: [OrderNumber] { Array(topics.keys) }

    mutating func watch(_ number: OrderNumber, _ watcher: Watcher) -> WatchAction {
        guard !isEnding else { return .ending }
        guard watcherCount < limits.inAll else { return .tooMany }
        if let topic = topics[number], topic.watchers.count >= limits.ofOneOrder { return .tooMany }
        let place = Place(number: number, watcher: newName())
        let topic = newName()
        topics[number, default: Topic(name: topic)].watchers[place.watcher] = watcher
        watcherCount += 1
        return .watching(place, reading: begin(number))
    }

    mutating func leave(_ place: Place) {
        guard topics[place.number]?.watchers.removeValue(forKey: place.watcher) != nil else { return }
        watcherCount -= 1
        if topics[place.number]?.watchers.isEmpty == true { topics[place.number] = nil }
    }

    /// The read to make now. Nil if the order has no watcher. Nil if a read is in progress; another read then follows
    /// it.
    mutating func begin(_ number: OrderNumber) -> Reading? {
        guard let topic = topics[number] else { return nil }
        if case .underWay = topic.read {
            topics[number]?.read = .underWay(isOutdated: true)
            return nil
        }
        topics[number]?.read = .underWay(isOutdated: false)
        return Reading(number: number, topic: topic.name)
    }

    enum ReadAction {
        case done
        /// The order has changed since the read began.
        case readAgain
        /// The read is retried by the next check for other processes' changes.
        case failed
    }

    /// Delivers the result of a read.
    mutating func finish(_ reading: Reading, _ news: LiveNews) -> ReadAction {
        guard var topic = topics[reading.number], topic.name == reading.topic,
            case .underWay(let isOutdated) = topic.read
        else { return .done }
        topic.tell(news)
        defer { topics[reading.number] = topic }
        if case .unreadable = news {
            topic.read = .due
            return .failed
        }
        topic.read = isOutdated ? .underWay(isOutdated: false) : .none
        return isOutdated ? .readAgain : .done
    }

    /// The orders to read, now that others may have changed these.
    mutating func due(after change: ForeignChange) -> [OrderNumber] {
        switch change {
        case .any: for number in numbers { expire(number) }
        case .orders(let changed): for number in changed { expire(number) }
        }
        return topics.compactMap { number, topic in
            if case .due = topic.read { number } else { nil }
        }
    }

    private mutating func expire(_ number: OrderNumber) {
        guard let topic = topics[number] else { return }
        if case .underWay = topic.read {
            topics[number]?.read = .underWay(isOutdated: true)
        } else {
            topics[number]?.read = .due
        }
    }

    /// Sends a heartbeat to the watchers of the order. Returns the watchers to disconnect: those that have not taken
    /// the last heartbeat yet.
    mutating func beat(_ number: OrderNumber) -> [Watcher] {
        guard let topic = topics[number], let order = topic.latest else { return [] }
        return topic.watchers.values.filter { watcher in
            guard watcher.hasHeard else { return false }
            if case .dropped(.order(_, isBeat: true)) = watcher.inbox.yield(.order(order, isBeat: true)) { return true }
            return false
        }
    }

    /// Refuses new watchers and ends all streams.
    mutating func end() {
        isEnding = true
        for watcher in watchers { watcher.inbox.finish() }
    }

    /// Ends the streams that have begun. Their clients connect again.
    mutating func endBegun() {
        for watcher in watchers where watcher.hasHeard { watcher.inbox.finish() }
    }

    var watchers: [Watcher] { topics.values.flatMap(\.watchers.values) }

    private mutating func newName() -> Int {
        names += 1
        return names
    }
}

extension LiveTopics.Topic {
    fileprivate mutating func tell(_ news: LiveNews) {
        switch news {
        case .order(let order, _):
            let isNew = latest != order
            latest = order
            // A new watcher causes a read. If the order is unchanged, only watchers without any message receive it.
            for (name, watcher) in watchers where isNew || !watcher.hasHeard { watchers[name]?.tell(order) }
        case .absent:
            for watcher in watchers.values { watcher.inbox.yield(.absent) }
        case .unreadable:
            for watcher in watchers.values where !watcher.hasHeard { watcher.inbox.yield(news) }
        }
    }
}

extension LiveTopics.Watcher {
    fileprivate mutating func tell(_ order: Order) {
        hasHeard = true
        if case .dropped(.order(_, isBeat: true)) = inbox.yield(.order(order, isBeat: false)) {
            // The heartbeat that this message replaced in the buffer must still be taken.
            inbox.yield(.order(order, isBeat: true))
        }
    }
}
