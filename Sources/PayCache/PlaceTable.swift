/// Finds things on a ring by their hashes, for eight bytes each: a dictionary would keep what they are known by once more.
///
/// Open addressing with linear probing, three quarters full at the most. It knows hashes and places alone: whoever looks for
/// a thing says whether it is the one.
struct PlaceTable {
    private struct Slot {
        var hash: UInt32
        /// From 1; 0 when nothing is here.
        var place: UInt32

        static let free = Slot(hash: 0, place: 0)
    }

    /// A power of two.
    private var slots = [Slot](repeating: .free, count: 8)
    private var count = 0

    /// The place among those with the hash that is the one.
    func place(_ hash: UInt32, where isMeant: (Int) -> Bool) -> Int? {
        var index = home(of: hash)
        while slots[index].place != 0 {
            let slot = slots[index]
            if slot.hash == hash, isMeant(Int(slot.place) - 1) { return Int(slot.place) - 1 }
            index = next(index)
        }
        return nil
    }

    /// Of a thing that isn't in yet.
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

    /// Leaves no gap: what stands behind it, up to the next free slot, moves up if it may, so that it is still found.
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

    /// How many slots on the second is from the first.
    private func distance(_ first: Int, _ second: Int) -> Int { (second - first) & (slots.count - 1) }
}
