import PayCore

/// The planned events, the earliest first. Events of one millisecond run in an order that the dice choose.
struct Timeline {
    struct Entry {
        let at: Instant
        let tie: UInt64
        /// Something that a world can't end before: a person's act, a message. A timer is none.
        let isEssential: Bool
        let action: () -> Void

        func isBefore(_ other: Entry) -> Bool { at != other.at ? at < other.at : tie < other.tie }
    }

    private var heap: [Entry] = []
    private(set) var essentials = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func add(_ entry: Entry) {
        if entry.isEssential { essentials += 1 }
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if first.isEssential { essentials -= 1 }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    mutating func removeAll() {
        heap = []
        essentials = 0
    }
}
