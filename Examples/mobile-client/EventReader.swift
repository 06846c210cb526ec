/// Parses an event stream (HTML, 9.2.6) from pieces of any size.
struct EventReader {
    enum Item: Equatable, Sendable {
        /// `id` is the last id received.
        case event(id: String?, data: String)
        /// The delay before a reconnect.
        case retry(Duration)
        /// A keep-alive without content.
        case comment
    }

    struct TooLong: Error {}

    /// An order is a few KiB.
    private static let longestEvent = 1 << 20

    private var line: [UInt8] = []
    private var data: [String] = []
    private var size = 0
    private var id: String?
    private var hasSeenReturn = false

    /// The items that these bytes complete.
    mutating func read(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [Item] {
        var items: [Item] = []
        for byte in bytes {
            let isSecondHalf = hasSeenReturn && byte == UInt8(ascii: "\n")
            hasSeenReturn = byte == UInt8(ascii: "\r")
            if isSecondHalf { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let item = endLine() { items.append(item) }
            } else {
                line.append(byte)
                size += 1
                guard size <= Self.longestEvent else { throw TooLong() }
            }
        }
        return items
    }

    private mutating func endLine() -> Item? {
        let text = String(decoding: line, as: UTF8.self)
        line = []
        guard !text.isEmpty else { return endEvent() }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1].dropFirst(parts[1].hasPrefix(" ") ? 1 : 0)) : ""
        switch parts[0] {
        case "":
            if data.isEmpty { size = 0 }
            return .comment
        case "data": data.append(value)
        case "id" where !value.contains("\0"): id = value
        case "retry": return Int64(value).map { .retry(.milliseconds($0)) }
        case _: break
        }
        return nil
    }

    private mutating func endEvent() -> Item? {
        defer {
            data = []
            size = 0
        }
        return data.isEmpty ? nil : .event(id: id, data: data.joined(separator: "\n"))
    }
}
