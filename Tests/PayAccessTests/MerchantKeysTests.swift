import PayCore
import Testing

@testable import PayAccess

@Suite struct MerchantKeysTests {
    private let keys = MerchantKeys(keys: [Secret("first-key"), Secret("second-key"), Secret("")])

    @Test(arguments: ["first-key", "second-key"])
    func `every configured API key is accepted`(candidate: String) {
        #expect(keys.accepts(candidate))
    }

    @Test(arguments: ["", "first-ke", "first-key ", "First-key", "first-keysecond-key", "first-key,second-key", "\0"])
    func `a text that is not exactly an API key is refused`(candidate: String) {
        #expect(!keys.accepts(candidate))
    }

    @Test func `without configured API keys, no key is accepted`() {
        #expect(!MerchantKeys(keys: []).accepts("first-key") && !MerchantKeys(keys: []).accepts(""))
    }

    @Test func `API keys are kept only as hashes`() {
        var printed = ""
        dump(keys, to: &printed)
        #expect(!printed.contains("first-key"))
    }
}
