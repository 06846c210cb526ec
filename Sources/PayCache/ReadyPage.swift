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
        let token = Array(publicURL.utf8) + "/checkout/".utf8 + texts[..<tokenLength]
        token.withUnsafeBytes { json.appendJSON($0) }
        json += #","currency":"#.utf8
        json.appendJSON(money.currency.code)
        json.appendTimes(of: deadline, at: now)
        json += #","out_trade_no":"#.utf8
        json.appendJSON(number.text)
        json += #","page":{"#.utf8
        json.append(PageKey.channel)
        json.appendJSON(channel.name)
        json.append(UInt8(ascii: ","))
        json.append(PageKey.content)
        content.withUnsafeBytes { json.appendJSON($0) }
        json.appendTimes(of: expiresAt, at: now)
        json.append(UInt8(ascii: ","))
        json.append(PageKey.kind)
        json.appendJSON(kind.rawValue)
        json.append(UInt8(ascii: ","))
        json.append(PageKey.terminal)
        json.appendJSON((terminal ?? self.terminal).rawValue)
        json += #"},"state":"#.utf8
        json.appendJSON(state.rawValue)
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
}
