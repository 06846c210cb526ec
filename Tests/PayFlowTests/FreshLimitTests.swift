import PayCore
import Testing

@testable import PayFlow

@Suite struct FreshLimitTests {
    @Test(arguments: [(1, 5), (2, 2), (5, 1), (100, 1)])
    func `several processes share the limit of fresh pages, and each has one at least`(nodes: Int, most: Int) {
        let limit = FreshLimit(nodes: nodes)
        let now = Instant(milliseconds: 1_795_341_600_000)
        guard let number = OrderNumber("order_1") else { return }
        for _ in 0..<most { #expect(limit.pause(before: number, at: now) == nil) }
        #expect(limit.pause(before: number, at: now) == FreshLimit.window)
    }
}
