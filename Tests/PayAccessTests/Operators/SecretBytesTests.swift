import PayAccess
import Testing

@Suite struct SecretBytesTests {
    @Test func `only the same bytes are equal`() {
        let values: [UInt8] = [0x00, 0x01, 0x02, 0x03, 0x30, 0x37, 0xFE, 0xFF]
        let texts = values.flatMap { first in values.flatMap { second in values.map { [first, second, $0] } } }
        for (place, one) in texts.enumerated() {
            for (otherPlace, other) in texts.enumerated() {
                #expect(SecretBytes.areEqual(one, other) == (place == otherPlace), "\(one), \(other)")
            }
        }
    }

    @Test func `bytes of another number are not equal`() {
        #expect(!SecretBytes.areEqual([1, 2], [1, 2, 3]))
        #expect(!SecretBytes.areEqual([1, 2, 3], [1, 2]))
        #expect(SecretBytes.areEqual([], []))
    }
}
