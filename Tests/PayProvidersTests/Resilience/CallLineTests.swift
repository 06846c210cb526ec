import Testing

@testable import PayProviders

@Suite struct `A line of calls` {
    private func line() -> CallLine<String> {
        var line = CallLine<String>(mostAtOnce: 2, longestLine: 3)
        #expect(line.goAtOnce() && line.goAtOnce() && !line.goAtOnce())
        return line
    }

    @Test func `the queue of calls limits running and waiting calls and rejects the others`() {
        var line = line()
        #expect(line.arrive(1, "a") == .waits && line.arrive(2, "b") == .waits && line.arrive(3, "c") == .waits)
        #expect(line.arrive(4, "d") == .isTurnedAway)
        #expect(line.inFlight == 2 && line.waitingCount == 3)
    }

    @Test func `a free slot goes to the first call in the queue`() {
        var line = line()
        _ = line.arrive(1, "a")
        _ = line.arrive(2, "b")
        #expect(line.leave() == "a" && line.inFlight == 2)
        #expect(line.goAtOnce() == false)
        #expect(line.leave() == "b" && line.leave() == nil && line.leave() == nil)
        #expect(line.inFlight == 0 && line.goAtOnce())
    }

    @Test func `a cancelled call leaves the queue once`() {
        var line = line()
        _ = line.arrive(1, "a")
        _ = line.arrive(2, "b")
        #expect(line.giveUp(1) == "a" && line.giveUp(1) == nil)
        #expect(line.leave() == "b" && line.giveUp(2) == nil)
    }

    @Test func `a call that arrives when a slot has become free goes at once`() {
        var line = line()
        _ = line.leave()
        #expect(line.arrive(1, "a") == .goes)
    }
}
