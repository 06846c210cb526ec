import Hummingbird
import PayCore
package import PayFlow

/// The query of `GET /v1/payments`.
struct OrderQuery {
    /// The most orders in one list. The response is then about half a megabyte.
    private static let longestList = 200
    private static let usualList = 50

    let listing: OrderListing

    /// Throws all mistakes of the query.
    init(_ request: Request) throws(Problem) {
        var query = QueryReader(request.uri)
        let search = Self.search(&query)
        let limit = query.value("limit", mustBe: "an integer from 1 to \(Self.longestList)") {
            Int($0).flatMap { (1...Self.longestList).contains($0) ? $0 : nil }
        }
        let cursor = query.value("cursor", mustBe: "the next_cursor of an earlier response to the same query") {
            OrderCursor($0).flatMap { $0.sequence == search.usualSequence ? $0 : nil }
        }
        try query.check()
        listing = OrderListing(search, limit: limit ?? Self.usualList, after: cursor)
    }

    private static func search(_ query: inout QueryReader) -> OrderSearch {
        let time = "an RFC 3339 time"
        var search = OrderSearch()
        search.state = query.value("state", mustBe: "one of new, paid, closed, expired", OrderStateName.init)
        search.user = query.value("user_id", mustBe: "1 to \(UserID.longest) characters", UserID.init)
        search.trade = query.value("trade_no", mustBe: "an out_trade_no, _ and a count", TradeNumber.init)
        search.transaction = query.value(
            "transaction_id", mustBe: "1 to \(TransactionID.longest) bytes", TransactionID.init)
        search.refund = query.value(
            "refund_no", mustBe: "1 to \(RefundName.longest) visible ASCII characters", RefundName.init)
        search.createdAfter = query.value("created_after", mustBe: time, Timestamp.parse)
        search.createdBefore = query.value("created_before", mustBe: time, Timestamp.parse)
        search.updatedAfter = query.value("updated_after", mustBe: time, Timestamp.parse)
        return search
    }
}

extension OrderCursor {
    /// The mark of a cursor in a list by creation.
    private static let creationMark: Character = "c"

    /// The API's spelling. Callers must treat it as opaque.
    package var text: String {
        let mark = sequence == .latestFirst ? String(Self.creationMark) : ""
        let change = change.map { ".\($0.era).\($0.transaction)" } ?? ""
        return "\(mark)\(at.milliseconds)\(change)-\(number)"
    }

    package init?(_ text: String) {
        let isByCreation = text.first == Self.creationMark
        let place = isByCreation ? text.dropFirst() : text[...]
        guard let dash = place.firstIndex(of: "-"),
            let number = OrderNumber(String(place[place.index(after: dash)...]))
        else { return nil }
        let words = place[..<dash].split(separator: ".", omittingEmptySubsequences: false)
        let numbers = words.compactMap { Int64($0) }
        guard numbers.count == words.count, numbers.count == 1 || numbers.count == 3 else { return nil }
        self.init(
            sequence: isByCreation ? .latestFirst : .longestUnchangedFirst,
            at: Instant(milliseconds: numbers[0]), number: number,
            change: numbers.count == 3 ? ChangeNumber(era: numbers[1], transaction: numbers[2]) : nil)
    }
}
