/// Counts how often each exercised case really happened.
public struct Tally: Sendable {
    /// The counters. The raw value is printed.
    public enum Item: String, CaseIterable, Sendable {
        case orders, steps, commits, reads, dueReads = "clock's reads"
        case payCalls = "pay calls", hits, mints, remints = "re-mints", switches, revivals, joined, replays
        case openOrders = "orders without a channel"
        case refusals, merchantCloses = "merchant closes"
        case crashes, stalls, recoveries
        case timeouts = "time-outs", lostRequests = "lost requests", lostAnswers = "lost answers", garbled
        case duplicatedRequests = "duplicated requests", landedLate = "landed after time-out"
        case payments, secondPayments = "second payments", oldPagePayments = "payments of old pages"
        case afterClose = "payments after a close", honest, duplicates, late
        case returned = "returned payments", disputed = "disputed payments", consoleRefunds = "console refunds"
        case partialConsoleRefunds = "partial console refunds"
        case wishes = "refund requests", madeWishes = "refunds by the merchant"
        case refusedWishes = "refund requests refused", knownWishes = "refund requests repeated"
        case refusedRefunds = "refunds refused for good", closedRefunds = "refunds closed"
        case revokedRefunds = "refunds that came back", retries = "refunds retried"
        case rulings = "disputes decided", lateRulings = "disputes decided twice"
        case bills = "bills read", differences
        case notices, lostNotices = "lost notices", repeatedNotices = "repeated notices"
        case unlisted = "refusals by unknown codes", attention = "refunds that needed attention"
        case refunds, deliveries, failedDeliveries = "failed deliveries"
        case paidOrders = "orders paid", closedOrders = "orders closed", expiredOrders = "orders expired"
    }

    private var counts = [Int](repeating: 0, count: Item.allCases.count)
    private static let places = Dictionary(
        uniqueKeysWithValues: Item.allCases.enumerated().map { ($1, $0) })

    public init() {}

    public subscript(item: Item) -> Int {
        get { counts[Self.places[item]!] }
        set { counts[Self.places[item]!] = newValue }
    }

    public static func += (left: inout Tally, right: Tally) {
        for item in Item.allCases { left[item] += right[item] }
    }

    /// One line that a parent process can read back.
    public var line: String { counts.map(String.init).joined(separator: " ") }

    public init?(line: Substring) {
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == counts.count else { return nil }
        counts = numbers
    }
}
