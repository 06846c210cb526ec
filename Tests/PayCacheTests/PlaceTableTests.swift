import PayTestSupport
import Testing

@testable import PayCache

@Suite struct PlaceTableTests {
    /// Few hashes, so that most entries collide, some of them at both ends of the table.
    private static let hashes: [UInt32] = [0, 1, 2, 7, 15, 31, .max - 1, .max]

    @Test func `after any inserts and removals, the hash table finds exactly its entries`() {
        var table = PlaceTable()
        var kept: [Int: UInt32] = [:]
        var random = SplitMix(state: 1)
        for _ in 0..<20_000 {
            let place = Int.random(in: 0..<64, using: &random)
            if let hash = kept.removeValue(forKey: place) {
                table.remove(place, hash)
            } else {
                let hash = Self.hashes.randomElement(using: &random)!
                kept[place] = hash
                table.insert(place, hash)
            }
            for hash in Self.hashes {
                let found = table.place(hash) { $0 == place }
                #expect(found == (kept[place] == hash ? place : nil))
            }
        }
        for (place, hash) in kept { #expect(table.place(hash) { $0 == place } == place) }
    }

    @Test func `removing a missing entry from the hash table does nothing`() {
        var table = PlaceTable()
        table.insert(1, 5)
        table.remove(2, 5)
        table.remove(1, 6)
        #expect(table.place(5) { _ in true } == 1)
    }
}
