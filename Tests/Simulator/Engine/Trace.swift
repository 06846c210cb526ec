import PayCore

/// The events of a world: lines to read, and a digest that is the same in two runs of one seed.
final class Trace {
    /// Lines cost more than the world they tell of: they are written when a seed is replayed.
    let isWritten: Bool
    private(set) var lines: [String] = []
    private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    private let start: Instant

    init(isWritten: Bool, start: Instant) {
        self.isWritten = isWritten
        self.start = start
    }

    func write(_ now: Instant, _ who: @autoclosure () -> String, _ what: @autoclosure () -> String) {
        guard isWritten else { return }
        let time = stamp(now)
        let gap = String(repeating: " ", count: max(0, 11 - time.count))
        lines.append("\(gap)\(time)  \(who().padded(to: 12)) \(what())")
    }

    /// Mixes in where the world stands, at each of its steps.
    func mix(_ value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 16) {
            digest = (digest ^ (value >> UInt64(shift) & 0xFFFF)) &* 0x100_0000_01B3
        }
    }

    /// Minutes, seconds and milliseconds since the world began.
    func stamp(_ now: Instant) -> String {
        let milliseconds = now.milliseconds - start.milliseconds
        let minutes = String(milliseconds / 60_000)
        let seconds = String(100 + milliseconds / 1_000 % 60).dropFirst()
        let rest = String(1_000 + milliseconds % 1_000).dropFirst()
        return "\(minutes):\(seconds).\(rest)"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self
    }
}
