import PayCore
import Testing

@testable import PayAccess

@Suite struct MerchantKeysTests {
    private let keys = MerchantKeys(keys: [Secret("first-key"), Secret("second-key"), Secret("")])

    @Test(arguments: ["first-key", "second-key"])
    func `each of the keys is the merchant's, whichever place it has`(candidate: String) {
        #expect(keys.accepts(candidate))
    }

    @Test(arguments: ["", "first-ke", "first-key ", "First-key", "first-keysecond-key", "first-key,second-key", "\0"])
    func `what is no key to the letter is refused`(candidate: String) {
        #expect(!keys.accepts(candidate))
    }

    @Test func `without keys nothing is accepted`() {
        #expect(!MerchantKeys(keys: []).accepts("first-key") && !MerchantKeys(keys: []).accepts(""))
    }

    @Test func `the keys themselves are not kept`() {
        var printed = ""
        dump(keys, to: &printed)
        #expect(!printed.contains("first-key"))
    }
}
