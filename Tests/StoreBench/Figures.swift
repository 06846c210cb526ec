import Foundation

/// The times of many calls, as `script/bench` reads them.
struct Figures {
    private var times: [Duration] = []

    mutating func add(_ more: [Duration]) { times += more }

    /// Prints the number of calls, their time, and the percentiles of their times in microseconds.
    func tell(_ elapsed: Duration, _ others: [(name: String, value: Int)] = []) {
        let sorted = times.sorted()
        func percentile(_ part: Double) -> Int {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))].microseconds
        }
        let values =
            [
                ("requests", sorted.count), ("microseconds", elapsed.microseconds), ("p50", percentile(0.5)),
                ("p99", percentile(0.99)),
            ] + others
        print("figures {\(values.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", "))}")
    }
}

extension Duration {
    var microseconds: Int { Int(self / .microseconds(1)) }
}
