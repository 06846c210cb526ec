package import NIOCore
import Synchronization

/// A cache of response bodies with a limit in bytes.
///
/// Entries live in two halves. When the newer half is full, the older one is dropped, and the newer one takes its
/// place. An entry that is found in the older half moves to the newer one, so an entry in use stays.
package final class RecentBytes<Key: Hashable & Sendable>: Sendable {
    private struct Halves {
        var newer: [Key: ByteBuffer] = [:]
        var older: [Key: ByteBuffer] = [:]
        var newerWeight = 0
    }

    /// The limit of each half, in bytes.
    private let most: Int
    /// The memory that a key and its dictionary entry take, in bytes.
    private let keyWeight: @Sendable (Key) -> Int
    private let halves = Mutex(Halves())

    package init(mostBytes: Int, keyWeight: @escaping @Sendable (Key) -> Int) {
        most = mostBytes / 2
        self.keyWeight = keyWeight
    }

    package subscript(key: Key) -> ByteBuffer? {
        halves.withLock { halves in
            if let found = halves.newer[key] { return found }
            guard let found = halves.older.removeValue(forKey: key) else { return nil }
            put(found, key, in: &halves)
            return found
        }
    }

    /// Stores an entry, unless it is larger than a half.
    package func keep(_ body: ByteBuffer, for key: Key) {
        halves.withLock { put(body, key, in: &$0) }
    }

    private func put(_ body: ByteBuffer, _ key: Key, in halves: inout Halves) {
        let weight = body.readableBytes + keyWeight(key)
        guard weight <= most, halves.newer[key] == nil else { return }
        if halves.newerWeight + weight > most {
            (halves.older, halves.newer, halves.newerWeight) = (halves.newer, [:], 0)
        }
        halves.newer[key] = body
        halves.newerWeight += weight
    }
}
