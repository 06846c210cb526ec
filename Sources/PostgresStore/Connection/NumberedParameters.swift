/// A statement whose placeholders, `:name` or `?`, are replaced by PostgreSQL's `$1`, `$2` and so on.
///
/// A name gets one number wherever it appears, and each `?` gets a number of its own, in the order of their first
/// appearance. A statement that has `$1` already has neither, and stays as it is.
struct NumberedParameters: Equatable {
    let sql: String

    init(_ text: String) {
        var reader = Reader(text)
        sql = reader.numbered()
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var place = 0
        private var output: [UInt8] = []
        private var numbers: [ArraySlice<UInt8>: Int] = [:]
        private var count = 0

        init(_ text: String) {
            bytes = Array(text.utf8)
            output.reserveCapacity(bytes.count + 16)
        }

        mutating func numbered() -> String {
            while let byte = byte(at: place) {
                switch (byte, self.byte(at: place + 1)) {
                case (UInt8(ascii: "'"), _), (UInt8(ascii: "\""), _): copyQuoted(byte)
                case (UInt8(ascii: "-"), UInt8(ascii: "-")): copyComment()
                case (UInt8(ascii: ":"), UInt8(ascii: ":")): copy(2)
                case (UInt8(ascii: "?"), _):
                    place += 1
                    count += 1
                    write(count)
                case (UInt8(ascii: ":"), let next?) where Self.beginsName(next): replaceName()
                default: copy(1)
                }
            }
            return String(decoding: output, as: UTF8.self)
        }

        private func byte(at place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

        private mutating func copy(_ length: Int) {
            output += bytes[place..<place + length]
            place += length
        }

        /// A doubled quote within the text ends one quoted text and begins the next.
        private mutating func copyQuoted(_ quote: UInt8) {
            let end = bytes[(place + 1)...].firstIndex(of: quote).map { $0 + 1 } ?? bytes.count
            copy(end - place)
        }

        private mutating func copyComment() {
            let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            copy(end - place)
        }

        private mutating func replaceName() {
            let end = bytes[(place + 1)...].firstIndex { !Self.beginsName($0) && !Self.isDigit($0) } ?? bytes.count
            let name = bytes[(place + 1)..<end]
            place = end
            if let known = numbers[name] { return write(known) }
            count += 1
            numbers[name] = count
            write(count)
        }

        private mutating func write(_ number: Int) {
            output.append(UInt8(ascii: "$"))
            output += Array(String(number).utf8)
        }

        private static func beginsName(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            default: false
            }
        }

        private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    }
}
