import Testing

@testable import PayCore

@Suite struct `A provider's error` {
    @Test(arguments: [
        ("USER_ACCOUNT_ABNORMAL", "USER_ACCOUNT_ABNORMAL"), ("isv.invalid-signature", "isv.invalid-signature"),
        ("a line\nthat forges\u{1B}[31m", "alinethatforges31m"), ("茶", "UNNAMED"), ("", "UNNAMED"),
        (String(repeating: "A", count: 500), String(repeating: "A", count: 64)),
    ])
    func `a provider's error code is safe to log`(_ code: String, _ plain: String) {
        #expect(ProviderError(code: code).code == plain)
    }

    @Test(
        arguments: [
            ("账户异常", "账户异常"), ("your account\nis blocked\u{1B}[0m", "your account is blocked [0m"),
            ("a\u{202E}b\u{2028}c", "a b c"), ("", nil), (" \n ", nil), (nil, nil),
            // Words that may be keys, and a number that is not a key.
            ("the key sk_test_4eC39HqLyjWDarjtT1zdp7dc is wrong", "the key … is wrong"),
            ("No such key: sk_test_key, rk_1 or whsec_1", "No such key: …, … or …"),
            ("sign=MIIEvQIBADANBgkqhkiG9w0BAQEFAASC+/A==", "…"), ("order 20261122_0001_1", "order 20261122_0001_1"),
        ] as [(String?, String?)])
    func `a provider's error message has no control characters and no possible secrets`(
        _ message: String?, _ plain: String?
    ) {
        #expect(ProviderError(code: "X", message: message).message == plain)
    }

    @Test func `a provider's error message has at most 120 characters`() {
        let error = ProviderError(code: "X", message: String(repeating: "很长 ", count: 1_000))
        #expect(error.message?.unicodeScalars.count == 120)
    }
}

@Suite struct `Why an outcome is unknown` {
    @Test(arguments: [
        (UnknownReason.timeout, "timeout"), (.connection, "connection"), (.tls, "tls"), (.serverError, "http_5xx"),
        (.unreadable, "unreadable"), (.signature, "signature"), (.serial, "serial"), (.otherTrade, "other_trade"),
        (.code(ProviderError(code: "A_B", message: "no", weight: .refusal)), "code:A_B"),
    ])
    func `an unknown outcome has a text for logs, metrics and callers`(_ reason: UnknownReason, _ text: String) {
        #expect(reason.text == text)
        #expect(UnknownReason.general.contains(reason) == (reason.error == nil))
    }

    @Test func `the reasons without a code are all listed`() {
        #expect(Set(UnknownReason.general.map(\.text)).count == UnknownReason.general.count)
    }
}
