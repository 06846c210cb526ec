import Crypto
import PayCore
import PayFlow

/// A live page with all that its answers tell: what is kept in memory of it, and no more, because there are many.
final class ReadyPage: Sendable {
    let number: OrderNumber
    /// Whose order it is.
    let owner: UserID
    let state: OrderStateName
    let money: Money
    let deadline: Instant
    let channel: Channel
    let kind: PageKind
    let content: String
    /// The terminal that it was minted for.
    let terminal: Terminal
    /// It is fresh up to, not at, this instant.
    let expiresAt: Instant
    /// What stands behind `/checkout/` in the order's link.
    let checkoutToken: String
    /// The `ETag` of the page as itself, in its most natural form.
    let tag: String

    init(_ order: OrderSummary, _ served: ServedPage, checkoutToken: String) {
        number = order.number
        owner = order.userID
        state = order.state
        money = order.money
        deadline = order.deadline
        channel = served.channel
        kind = served.page.kind
        content = served.page.content
        terminal = served.page.terminal
        expiresAt = served.page.expiresAt
        self.checkoutToken = checkoutToken
        tag = Self.tag(of: served, form: Representation.natural(for: served.page.kind).rawValue)
    }

    /// About how many bytes of memory it takes: its texts, and what stands around them.
    var weight: Int { content.utf8.count + 768 }

    /// Whether the answers of both are the same.
    func isSame(as other: ReadyPage) -> Bool {
        // The tag stands for trade, expiry and content; what the order says of itself never changes.
        tag == other.tag && terminal == other.terminal
    }

    /// The `ETag` of a page in a form.
    static func tag(of served: ServedPage, form: String) -> String {
        let text = "\(form) \(served.tradeNumber) \(served.page.expiresAt.milliseconds) \(served.page.content)"
        return "\"\(SHA256.hash(data: Array(text.utf8)).prefix(16).hexText)\""
    }
}

extension ReadyPage {
    /// The answer to pay and repay (design, section 8), in JSON, its keys in order.
    ///
    /// - Parameter terminal: the one that the page is handed to, which need not be the one that it was minted for.
    func paymentJSON(for terminal: Terminal?, publicURL: String, at now: Instant) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(content.utf8.count * 9 / 8 + 640)
        json += #"{"amount":"#.utf8
        json.append(money.amount)
        json += #","checkout_url":"#.utf8
        json.appendJSON(publicURL, "/checkout/", checkoutToken)
        json += #","currency":"#.utf8
        json.appendJSON(money.currency.code)
        json.appendTimes(of: deadline, at: now)
        json += #","out_trade_no":"#.utf8
        json.appendJSON(number.text)
        json += #","page":{"channel":"#.utf8
        json.appendJSON(channel.name)
        json += #","content":"#.utf8
        json.appendJSON(content)
        json.appendTimes(of: expiresAt, at: now)
        json += #","kind":"#.utf8
        json.appendJSON(kind.rawValue)
        json += #","terminal":"#.utf8
        json.appendJSON((terminal ?? self.terminal).rawValue)
        json += #"},"state":"#.utf8
        json.appendJSON(state.rawValue)
        json.append(UInt8(ascii: "}"))
        return json
    }
}

extension [UInt8] {
    /// When something ends, and how many seconds that is off.
    fileprivate mutating func appendTimes(of end: Instant, at now: Instant) {
        self += #","expires_at":""#.utf8
        CivilTime(end).writeTimestamp(to: &self)
        self += #"","expires_in":"#.utf8
        append((end - now).wholeSeconds)
    }

    /// A JSON string (RFC 8259) of these texts, one behind the other.
    fileprivate mutating func appendJSON(_ texts: String...) {
        append(UInt8(ascii: "\""))
        for text in texts { appendEscaped(text) }
        append(UInt8(ascii: "\""))
    }

    /// What has to be escaped is rare: what stands between is copied as it is.
    private mutating func appendEscaped(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var plain = 0
            for (index, byte) in bytes.enumerated()
            where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                append(contentsOf: bytes[plain..<index])
                appendEscape(of: byte)
                plain = index + 1
            }
            append(contentsOf: bytes[plain...])
        }
    }

    private mutating func appendEscape(of byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0..<0x20:
            self += (byte < 0x10 ? "u000" : "u001").utf8
            append(Array("0123456789abcdef".utf8)[Int(byte & 0xF)])
        default: append(byte)
        }
    }
}
