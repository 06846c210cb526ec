import Foundation
import PayProviders

/// Many rounds of the same race, many at a time. Each has its own random numbers: the same for the same seed, in any
/// order of execution. `STORY_SEED` repeats them, as far as processes can be repeated; `STORY_ROUNDS` sets their
/// number.
struct Rounds: Sendable {
    /// Enough to keep two cores busy, and fewer than the open connections.
    private static let atOnce = 24

    let seed: UInt64
    let count: Int

    /// Several races of one kind share the rounds of that kind.
    init(_ name: String, sharedBy races: Int = 1) {
        let environment = ProcessInfo.processInfo.environment
        seed = environment["STORY_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: .min ... .max)
        count = max(1, (environment["STORY_ROUNDS"].flatMap { Int($0) } ?? 1_000) / races)
        print("\(name): \(count) rounds, STORY_SEED=\(seed)")
    }

    func run(_ round: @escaping @Sendable (Int, SplitMix) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...count {
                if number > Self.atOnce { try await group.next() }
                let dice = SplitMix(state: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
                group.addTask { try await round(number, dice) }
            }
            try await group.waitForAll()
        }
    }
}

/// Makes all these calls at the same moment, started in a random order.
func atOnce<Value: Sendable>(
    _ dice: inout SplitMix, _ calls: [@Sendable () async throws -> Value]
) async throws -> [Value] {
    var left = calls
    return try await withThrowingTaskGroup(of: Value.self) { group in
        while !left.isEmpty {
            let call = left.remove(at: dice.below(left.count))
            group.addTask { try await call() }
        }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}
