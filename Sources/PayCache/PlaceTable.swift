/// A hash table from hashes to positions on a ring. It takes eight bytes per entry; a dictionary would store each key a
/// second time.
///
/// Open addressing with linear probing, at most three quarters full. The table knows only hashes and positions, so the
/// caller compares the keys.
struct PlaceTable {
    private struct Slot {
        var hash: UInt32
        /// Counted from 1; 0 marks a free slot.
        var place: UInt32

        static let free = Slot(hash: 0, place: 0)
    }

    /// The length is a power of two.
    private var slots = [Slot](repeating: .free, count: 8)
    private var count = 0

    /// The position with this hash for which `isMeant` is true.
    func place(_ hash: UInt32, where isMeant: (Int) -> Bool) -> Int? {
        var index = home(of: hash)
        while slots[index].place != 0 {
            let slot = slots[index]
            if slot.hash == hash, isMeant(Int(slot.place) - 1) { return Int(slot.place) - 1 }
            index = next(index)
        }
        return nil
    }

    /// Precondition: the position is not in the table.
    mutating func insert(_ place: Int, _ hash: UInt32) {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        count += 1
        fill(Slot(hash: hash, place: UInt32(place) + 1))
    }

    mutating func remove(_ place: Int, _ hash: UInt32) {
        var index = home(of: hash)
        while slots[index].place != UInt32(place) + 1 {
            guard slots[index].place != 0 else { return }
            index = next(index)
        }
        count -= 1
        close(index)
    }

    /// Closes the gap at `index`: moves up the entries behind the gap that would no longer be found otherwise.
    private mutating func close(_ index: Int) {
        var gap = index
        var other = next(gap)
        while slots[other].place != 0 {
            if distance(home(of: slots[other].hash), other) >= distance(gap, other) {
                slots[gap] = slots[other]
                gap = other
            }
            other = next(other)
        }
        slots[gap] = .free
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: .free, count: old.count * 2)
        for slot in old where slot.place != 0 { fill(slot) }
    }

    private mutating func fill(_ slot: Slot) {
        var index = home(of: slot.hash)
        while slots[index].place != 0 { index = next(index) }
        slots[index] = slot
    }

    private func home(of hash: UInt32) -> Int { Int(hash) & (slots.count - 1) }

    private func next(_ index: Int) -> Int { (index + 1) & (slots.count - 1) }

    /// The number of slots from the first to the second.
    private func distance(_ first: Int, _ second: Int) -> Int { (second - first) & (slots.count - 1) }
}
