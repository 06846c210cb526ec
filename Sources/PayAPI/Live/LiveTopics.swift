import PayCore

/// How many may watch.
package struct LiveLimits: Sendable {
    /// Streams of one order. A payer has a few screens and tabs, a shop a few people who look on.
    package var ofOneOrder: Int
    /// Streams in all, in one process: some 350 MiB of its memory (see Benchmarks), and an open file each.
    package var inAll: Int

    package init(ofOneOrder: Int = 64, inAll: Int = 10_000) {
        self.ofOneOrder = ofOneOrder
        self.inAll = inAll
    }
}

/// Who watches which order, and which orders are being read for them: each by one read at a time, so that what is told
/// of an order is in the order in which it happened.
struct LiveTopics {
    /// The right to read an order for those who watch it. Void when they all have left, whoever came after them.
    struct Reading: Sendable {
        package let number: OrderNumber
        fileprivate let topic: Int
    }

    enum WatchAction {
        case tooMany
        /// The process ends.
        case ending
        /// `reading` is nil where a read that is under way is followed by one more.
        case watching(Place, reading: Reading?)
    }

    struct Place: Sendable {
        package let number: OrderNumber
        fileprivate let watcher: Int
    }

    struct Watcher: Sendable {
        let inbox: AsyncStream<LiveNews>.Continuation
        /// Breaks the connection of a client that doesn't take what it is sent.
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
        /// The last read failed. Moved on by a change, or by the next look at others' changes.
        case failed
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
    private var othersSeen: Int64?
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

    /// The read that is to be made now. Nil when nobody watches, or one is under way, which then is followed by another.
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
        /// It is read again at the next look at others' changes.
        case failed
    }

    /// Tells what a read came to.
    mutating func finish(_ reading: Reading, _ news: LiveNews) -> ReadAction {
        guard var topic = topics[reading.number], topic.name == reading.topic,
            case .underWay(let isOutdated) = topic.read
        else { return .done }
        topic.tell(news)
        defer { topics[reading.number] = topic }
        if case .unreadable = news {
            topic.read = .failed
            return .failed
        }
        topic.read = isOutdated ? .underWay(isOutdated: false) : .none
        return isOutdated ? .readAgain : .done
    }

    /// The orders to read again when others have come to this count of changes.
    func due(at changes: Int64) -> [OrderNumber] {
        // Before the first look others may have written unseen.
        guard othersSeen == changes else { return numbers }
        return topics.compactMap { number, topic in
            if case .failed = topic.read { number } else { nil }
        }
    }

    /// What was due then has been read.
    mutating func haveSeen(_ changes: Int64) { othersSeen = changes }

    /// Tells everybody who watches this order once more how it stands. Those who have not taken the last beat yet don't
    /// read what they are sent: they are to be cut.
    mutating func beat(_ number: OrderNumber) -> [Watcher] {
        guard let topic = topics[number], let order = topic.latest else { return [] }
        return topic.watchers.values.filter { watcher in
            guard watcher.hasHeard else { return false }
            if case .dropped(.order(_, isBeat: true)) = watcher.inbox.yield(.order(order, isBeat: true)) { return true }
            return false
        }
    }

    /// Nobody may come any more, and whoever is there goes.
    mutating func end() {
        isEnding = true
        for watcher in watchers { watcher.inbox.finish() }
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
            // Whoever comes causes a read, and those who are there need not be woken by it.
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
            // The beat that waited is still to be taken.
            inbox.yield(.order(order, isBeat: true))
        }
    }
}
