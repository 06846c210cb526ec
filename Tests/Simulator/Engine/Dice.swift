import PayCore

/// Every random choice of a world, from one seed (SplitMix64).
final class Dice: RandomNumberGenerator {
    private(set) var state: UInt64

    init(seed: UInt64) {
        // Neighbouring seeds are far apart after one step; the constant keeps seed 0 from beginning at nothing.
        state = seed &* 0xD129_0F2C_9E37_79B9 &+ 0x2545_F491_4F6C_DD1D
        _ = next()
    }

    func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 to 1, 1 left out.
    func share() -> Double { Double(next() >> 11) * 0x1p-53 }

    func chance(_ probability: Double) -> Bool { probability > 0 && share() < probability }

    func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    func duration(_ range: ClosedRange<Duration>) -> Duration {
        let low = range.lowerBound.wholeMilliseconds
        let high = max(low, range.upperBound.wholeMilliseconds)
        return .milliseconds(low + Int64(next() % UInt64(high - low + 1)))
    }

    func pick<Choice>(_ choices: [Choice]) -> Choice { choices[int(0...choices.count - 1)] }

    func pickOrNil<Choice>(_ choices: [Choice]) -> Choice? { choices.isEmpty ? nil : pick(choices) }

    /// One of the choices, each as likely as its weight says.
    func weighted<Choice>(_ choices: [(weight: Double, choice: Choice)]) -> Choice {
        var left = share() * choices.reduce(0) { $0 + $1.weight }
        for (weight, choice) in choices {
            left -= weight
            if left < 0 { return choice }
        }
        return choices[choices.count - 1].choice
    }
}
