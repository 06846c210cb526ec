import CZlib
import Glibc

/// The formats of bills as a provider makes them, independent of the adapters' code.
enum FakeFiles {
    /// A file in a zip archive.
    struct Entry {
        let name: [UInt8]
        let content: [UInt8]
        /// Otherwise stored as it is.
        let isDeflated: Bool
    }

    /// The text in GBK.
    static func gbk(_ text: String) -> [UInt8] {
        guard let converter = iconv_open("GBK", "UTF-8"), Int(bitPattern: converter) != -1 else {
            preconditionFailure("no GBK")
        }
        defer { iconv_close(converter) }
        var input = text.utf8.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count + 1)
        let room = output.count
        let left = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var from = input.baseAddress
                var (fromLeft, to, toLeft) = (input.count, output.baseAddress, output.count)
                guard iconv(converter, &from, &fromLeft, &to, &toLeft) != -1 else {
                    preconditionFailure("text that GBK lacks")
                }
                return toLeft
            }
        }
        return output.prefix(room - left).map { UInt8(bitPattern: $0) }
    }

    /// Deflated without header and trailer. `compress2` adds two bytes before and four after.
    static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var count = compressBound(UInt(bytes.count))
        let output = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
            guard compress2(buffer.baseAddress!, &count, bytes, UInt(bytes.count), 6) == Z_OK else {
                preconditionFailure("nothing can be deflated")
            }
            initialized = Int(count)
        }
        return Array(output.dropFirst(2).dropLast(4))
    }

    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + deflated(bytes) + number(crc(bytes), 4)
            + number(UInt32(truncatingIfNeeded: bytes.count), 4)
    }

    /// Names are not marked as UTF-8, as in Alipay's archives.
    static func zip(_ entries: [Entry]) -> [UInt8] {
        var (file, directory): ([UInt8], [UInt8]) = ([], [])
        for entry in entries {
            let data = entry.isDeflated ? deflated(entry.content) : entry.content
            let particulars =
                number(entry.isDeflated ? 8 : 0, 2) + number(0x5A21_6B3C, 4) + number(crc(entry.content), 4)
                + number(UInt32(data.count), 4) + number(UInt32(entry.content.count), 4)
                + number(UInt32(entry.name.count), 2) + number(0, 2)
            directory +=
                number(0x0201_4B50, 4) + number(20, 2) + number(20, 2) + number(0, 2) + particulars + number(0, 2)
                + number(0, 2) + number(0, 2) + number(0, 4) + number(UInt32(file.count), 4) + entry.name
            file += number(0x0403_4B50, 4) + number(20, 2) + number(0, 2) + particulars + entry.name + data
        }
        let count = number(UInt32(entries.count), 2)
        return file + directory + number(0x0605_4B50, 4) + number(0, 2) + number(0, 2) + count + count
            + number(UInt32(directory.count), 4) + number(UInt32(file.count), 4) + number(0, 2)
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32(0, bytes, UInt32(bytes.count)))
    }

    private static func number(_ number: UInt32, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
