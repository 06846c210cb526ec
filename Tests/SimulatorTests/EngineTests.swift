import PayCore
import Testing

@testable import Simulator

struct EngineTests {
    @Test func `one seed gives the same random numbers, and another seed different ones`() {
        let first = Dice(seed: 5)
        let second = Dice(seed: 5)
        let other = Dice(seed: 6)
        let throwsOfFirst = (0..<20).map { _ in first.next() }
        #expect(throwsOfFirst == (0..<20).map { _ in second.next() })
        #expect(throwsOfFirst != (0..<20).map { _ in other.next() })
    }

    @Test func `jobs run by time, and in random order at the same time`() {
        var timeline = Timeline()
        var seen: [Int] = []
        for (name, at, tie) in [(3, 20, 1), (1, 10, 9), (2, 20, 0), (0, 5, 7)] as [(Int, Int64, UInt64)] {
            timeline.add(
                Timeline.Entry(at: Instant(milliseconds: at), tie: tie, isEssential: name == 2) { seen.append(name) })
        }
        #expect(timeline.essentials == 1)
        while let next = timeline.removeFirst() { next.action() }
        #expect(seen == [0, 1, 2, 3])
        #expect(timeline.essentials == 0)
    }

    @Test func `a tally is encoded and decoded unchanged`() {
        var tally = Tally()
        tally[.crashes] = 3
        tally[.expiredOrders] = 5
        let read = Tally(line: tally.line[...])
        #expect(read?[.crashes] == 3)
        #expect(read?[.expiredOrders] == 5)
        #expect(Tally(line: "1 2 3") == nil)
    }
}
