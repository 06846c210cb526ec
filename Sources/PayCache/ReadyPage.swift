import Crypto
package import PayCore
package import PayFlow

/// A live page with everything that its responses need. It holds nothing else, because the cache holds many.
package final class ReadyPage: Sendable {
    package let number: OrderNumber
    /// The user that owns the order.
    package let owner: UserID
    package let money: Money
    package let deadline: Instant
    package let channel: Channel
    /// The page is fresh up to, not at, this instant.
    package let expiresAt: Instant
    /// The tag of the page in its natural form.
    package let tag: PageTag
    /// The order's checkout token, followed by the page's content, in one allocation.
    private let texts: [UInt8]
    // Small values side by side, so that they share eight bytes.
    private let tokenBytes: UInt16
    package let state: OrderStateName
    package let kind: PageKind
    /// The terminal that the page was created for.
    package let terminal: Terminal

    package init(_ order: OrderSummary, _ served: ServedPage, checkoutToken: String) {
        number = order.number
        owner = order.userID
        state = order.state
        money = order.money
        deadline = order.deadline
        channel = served.channel
        kind = served.page.kind
        terminal = served.page.terminal
        expiresAt = served.page.expiresAt
        tag = PageTag(of: served, form: Representation.natural(for: served.page.kind).rawValue)
        texts = Array(checkoutToken.utf8) + served.page.content.utf8
        tokenBytes = UInt16(checkoutToken.utf8.count)
    }

    private var tokenLength: Int { Int(tokenBytes) }

    package var content: ArraySlice<UInt8> { texts[tokenLength...] }

    /// The approximate memory of the page in the cache, in bytes: the texts, plus the overhead of object, shard and
    /// allocator as measured with 50,000 pages.
    package var weight: Int { texts.count + 400 }

    /// Whether both pages give the same responses.
    func isSame(as other: ReadyPage) -> Bool {
        // The tag covers trade, expiry and content. The order's other values never change.
        tag == other.tag && terminal == other.terminal
    }
}

/// The `ETag` of a page in one form. It differs between pages and between forms.
package struct PageTag: Hashable {
    private let high, low: UInt64

    package init(of served: ServedPage, form: String) {
        let text = "\(form) \(served.tradeNumber) \(served.page.expiresAt.milliseconds) \(served.page.content)"
        let digest = SHA256.hash(data: Array(text.utf8))
        (high, low) = digest.withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.load(as: UInt64.self)),
                UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// Writes the tag in quotes, as the header requires.
    package func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for shift in stride(from: 60, through: 0, by: -4) { bytes.append(Hexadecimal.digit(high >> UInt64(shift))) }
        for shift in stride(from: 60, through: 0, by: -4) { bytes.append(Hexadecimal.digit(low >> UInt64(shift))) }
        bytes.append(UInt8(ascii: "\""))
    }

    package var text: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ReadyPage {
    /// The JSON response to pay and repay (docs/api.md), with sorted keys.
    ///
    /// - Parameter terminal: the terminal of the caller, which may differ from the one that the page was created for.
    package func paymentJSON(for terminal: Terminal?, publicURL: String, at now: Instant) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(content.count * 9 / 8 + 640)
        json += #"{"amount":"#.utf8
        json.append(money.amount)
        json += #","checkout_url":"#.utf8
        json.appendJSON(Array(publicURL.utf8) + "/checkout/".utf8 + texts[..<tokenLength])
        json += #","currency":"#.utf8
        json.appendJSON(money.currency.code.utf8)
        json.appendTimes(of: deadline, at: now)
        json += #","out_trade_no":"#.utf8
        json.appendJSON(number.text.utf8)
        json += #","page":{"#.utf8
        json.append(PageKey.channel)
        json.appendJSON(channel.name.utf8)
        json.append(UInt8(ascii: ","))
        json.append(PageKey.content)
        json.appendJSON(content)
        json.appendTimes(of: expiresAt, at: now)
        json.append(UInt8(ascii: ","))
        json.append(PageKey.kind)
        json.appendJSON(kind.rawValue.utf8)
        json.append(UInt8(ascii: ","))
        json.append(PageKey.terminal)
        json.appendJSON((terminal ?? self.terminal).rawValue.utf8)
        json += #"},"state":"#.utf8
        json.appendJSON(state.rawValue.utf8)
        json.append(UInt8(ascii: "}"))
        return json
    }
}

extension [UInt8] {
    /// Writes the expiry, and the seconds until then.
    fileprivate mutating func appendTimes(of end: Instant, at now: Instant) {
        append(UInt8(ascii: ","))
        append(PageKey.expires_at)
        append(UInt8(ascii: "\""))
        CivilTime(end).writeTimestamp(to: &self)
        append(UInt8(ascii: "\""))
        append(UInt8(ascii: ","))
        append(PageKey.expires_in)
        append((end - now).wholeSeconds)
    }

    /// A key of a JSON object, with its colon.
    fileprivate mutating func append(_ key: PageKey) {
        append(UInt8(ascii: "\""))
        self += key.rawValue.utf8
        append(UInt8(ascii: "\""))
        append(UInt8(ascii: ":"))
    }

    /// A JSON string (RFC 8259).
    fileprivate mutating func appendJSON(_ text: some Collection<UInt8>) {
        append(UInt8(ascii: "\""))
        appendEscaped(text)
        append(UInt8(ascii: "\""))
    }

    /// Few characters need an escape. The text between them is copied unchanged.
    private mutating func appendEscaped(_ text: some Collection<UInt8>) {
        let isWhole: Void? = text.withContiguousStorageIfAvailable { bytes in
            var plain = 0
            while let place = Self.firstEscaped(in: UnsafeRawBufferPointer(bytes), from: plain) {
                append(contentsOf: UnsafeBufferPointer(rebasing: bytes[plain..<place]))
                appendEscape(of: bytes[place])
                plain = place + 1
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: bytes[plain...]))
        }
        if isWhole == nil { appendEscaped(Array(text)) }
    }

    /// Checks eight bytes at a time, because a page has thousands.
    private static func firstEscaped(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var place = start
        while place + 8 <= bytes.count {
            let eight = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let found = escapedBytes(of: eight)
            if found != 0 { return place + found.trailingZeroBitCount / 8 }
            place += 8
        }
        return (place..<bytes.count).first { escapedBytes(of: UInt64(bytes[$0]) | plainAbove) != 0 }
    }

    /// Blanks in all bytes but the lowest, which need no escape.
    private static let plainAbove: UInt64 = 0x2020_2020_2020_2000

    /// The highest bit of the first byte that needs an escape, and possibly of later bytes; 0 if there is none. The
    /// subtraction borrows into the highest bit of each lower-half byte that is less than its subtrahend.
    private static func escapedBytes(of eight: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = eight ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = eight ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let less = (eight &- (ones &* 0x20)) & ~eight
        let equal = ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
        return (less | equal) & (ones &* 0x80)
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
            append(Hexadecimal.digit(byte))
        default: append(byte)
        }
    }
}
