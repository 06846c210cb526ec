import Glibc

/// Decodes GBK with the system's iconv. All unsafe pointers to iconv are in this file.
final class GBKText {
    /// The bytes of `业务明细`, to see whether the system decodes GBK. A wrong conversion would not fail loudly.
    private static let sample: (bytes: [UInt8], text: String) = (
        [0xD2, 0xB5, 0xCE, 0xF1, 0xC3, 0xF7, 0xCF, 0xB8], "业务明细"
    )

    private let converter: iconv_t

    /// Throws if the system lacks the conversion. Debian's libc6 has it, and some other systems have it in a package of
    /// its own.
    init() throws(BillFlaw) {
        guard let converter = iconv_open("UTF-8", "GBK"), Int(bitPattern: converter) != -1 else {
            throw Self.missing
        }
        self.converter = converter
        guard decode(Self.sample.bytes) == Self.sample.text else { throw Self.missing }
    }

    deinit { iconv_close(converter) }

    private static let missing = BillFlaw(
        "this system cannot decode GBK; install the gconv modules of the C library (gconv-modules-extra)")

    /// Nil if the bytes are not GBK.
    func decode(_ bytes: some Collection<UInt8>) -> String? {
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        var input = bytes.map { CChar(bitPattern: $0) }
        // A character of two bytes has at most three in UTF-8.
        let room = input.count * 2
        var isDecoded = false
        let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                input.withUnsafeMutableBufferPointer { input in
                    var from = input.baseAddress
                    var (fromLeft, to, toLeft) = (input.count, buffer.baseAddress, room)
                    // Forgets an earlier text that was broken.
                    iconv(converter, nil, nil, nil, nil)
                    isDecoded = iconv(converter, &from, &fromLeft, &to, &toLeft) != -1 && fromLeft == 0
                    initialized = room - toLeft
                }
            }
        }
        return isDecoded ? String(validating: output, as: UTF8.self) : nil
    }
}
