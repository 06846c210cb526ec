import PayCore
import Testing

@testable import PayAccess

@Suite struct RateLimitTests {
    private let now = Instant(milliseconds: 1_795_341_600_000)

    @Test func `a rate limit allows its burst, then its steady rate`() {
        let limit = RateLimit(burst: 3, perSecond: 2)
        for _ in 1...3 { #expect(limit.pause(before: "a", at: now) == nil) }
        let pause = limit.pause(before: "a", at: now)
        #expect(pause == .milliseconds(501))
        #expect(limit.pause(before: "a", at: now + .milliseconds(499)) != nil)
        #expect(limit.pause(before: "a", at: now + .milliseconds(501)) == nil)
        #expect(limit.pause(before: "a", at: now + .milliseconds(501)) != nil)
    }

    @Test func `several processes share one rate limit`() {
        let limit = RateLimit(burst: 4, perSecond: 2, dividedBy: 2)
        for _ in 1...2 { #expect(limit.pause(before: "a", at: now) == nil) }
        #expect(limit.pause(before: "a", at: now) == .milliseconds(1_001))
        let small = RateLimit(burst: 1, perSecond: 1, dividedBy: 10)
        #expect(small.pause(before: "a", at: now) == nil)
        #expect(small.pause(before: "a", at: now) == .milliseconds(10_001))
    }

    @Test func `a client that waits for the stated time is let in`() {
        for perSecond in [1, 3, 7, 50] {
            let limit = RateLimit(burst: 1, perSecond: perSecond)
            var at = now
            for _ in 1...20 {
                #expect(limit.pause(before: "a", at: at) == nil)
                guard let pause = limit.pause(before: "a", at: at) else { return #expect(Bool(false), "no limit") }
                at = at + pause
            }
        }
    }

    @Test func `a rate limit never saves up more than its burst`() {
        let limit = RateLimit(burst: 3, perSecond: 2)
        _ = limit.pause(before: "a", at: now)
        let later = now + .seconds(3_600)
        #expect((1...4).map { _ in limit.pause(before: "a", at: later) == nil } == [true, true, true, false])
    }

    @Test func `a clock that is set back by an hour keeps nobody out for longer than the bucket takes to fill`() {
        let limit = RateLimit(burst: 2, perSecond: 1)
        for _ in 1...2 { _ = limit.pause(before: "a", at: now) }
        let before = now - .seconds(3_600)
        #expect(limit.pause(before: "a", at: before) == .milliseconds(1_001))
        #expect(limit.pause(before: "a", at: before + .milliseconds(1_001)) == nil)
        #expect(limit.pause(before: "a", at: before + .milliseconds(1_001)) != nil)
        #expect(limit.pause(before: "a", at: before + .seconds(10)) == nil)
    }

    @Test func `clients don't share a rate limit`() {
        let limit = RateLimit(burst: 1, perSecond: 1)
        #expect(limit.pause(before: "a", at: now) == nil)
        #expect(limit.pause(before: "a", at: now) != nil)
        #expect(limit.pause(before: "b", at: now) == nil)
    }

    @Test func `a clock that is set back neither refills nor empties a rate limit`() {
        let limit = RateLimit(burst: 2, perSecond: 1)
        _ = limit.pause(before: "a", at: now)
        #expect(limit.pause(before: "a", at: now - .seconds(60)) == nil)
        #expect(limit.pause(before: "a", at: now - .seconds(60)) != nil)
    }

    @Test func `a rate limit forgets idle clients, but not one above its limit`() {
        let limit = RateLimit(burst: 1, perSecond: 1)
        for index in 0..<10_001 { _ = limit.pause(before: "old-\(index)", at: now) }
        let later = now + .seconds(60)
        #expect(limit.pause(before: "a", at: later) == nil)
        for index in 0..<10_001 { _ = limit.pause(before: "new-\(index)", at: later) }
        #expect(limit.pause(before: "a", at: later) != nil)
    }
}
