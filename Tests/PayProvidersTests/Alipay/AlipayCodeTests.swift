import PayCore
import Testing

@testable import PayProviders

@Suite struct AlipayCodeTests {
    /// Every sub-code of Alipay's tables, with the gateway code 40004.
    static let business: [(String, AlipayCodeClass)] = [
        ("ACQ.SYSTEM_ERROR", .unknown), ("aop.ACQ.SYSTEM_ERROR", .unknown), ("AQC.SYSTEM_ERROR", .unknown),
        ("ACQ.TRADE_HAS_SUCCESS", .alreadyPaid), ("ACQ.TRADE_HAS_CLOSE", .alreadyClosed),
        ("ACQ.TRADE_NOT_EXIST", .noSuchTrade), ("ACQ.CONTEXT_INCONSISTENT", .refused),
        ("ACQ.TRADE_BUYER_NOT_MATCH", .refused), ("ACQ.APPLY_PC_MERCHANT_CODE_ERROR", .refused),
        ("ACQ.TRADE_STATUS_ERROR", .wrongState), ("ACQ.REASON_TRADE_STATUS_INVALID", .wrongState),
        ("ACQ.REASON_ILLEGAL_STATUS", .wrongState), ("ACQ.INVALID_PARAMETER", .refused),
        ("ACQ.PARTNER_ERROR", .refused), ("ACQ.ACCESS_FORBIDDEN", .refused), ("ACQ.EXIST_FORBIDDEN_WORD", .refused),
        ("ACQ.TOTAL_FEE_EXCEED", .refused), ("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", .refused),
        ("ACQ.RISK_MERCHANT_IP_NOT_EXIST", .refused), ("ACQ.SELLER_BALANCE_NOT_ENOUGH", .retryLater),
        ("ACQ.DISCORDANT_REPEAT_REQUEST", .refused), ("ACQ.REASON_TRADE_REFUND_FEE_ERR", .refused),
        ("ACQ.REFUND_FEE_ERROR", .refused), ("ACQ.REASON_TRADE_BEEN_FREEZEN", .frozen),
        ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", .refused), ("ACQ.TRADE_NOT_ALLOW_REFUND", .refused),
        ("ACQ.NOT_ALLOW_PARTIAL_REFUND", .refused), ("ACQ.TRADE_HAS_FINISHED", .refused),
        ("isv.app-call-limited", .tooOften), ("isv.method-call-limited", .tooOften),
        ("isv.invalid-signature", .refused), ("isv.invalid-app-id", .refused), ("isv.invalid-timestamp", .refused),
        ("isv.invalid-charset", .refused), ("isv.missing-signature-config", .refused),
        ("isp.unknow-error", .unknown), ("aop.unknow-error", .unknown), ("isp.unknown-error", .unknown),
    ]

    @Test(arguments: business)
    func `each Alipay sub-code has the meaning of the table`(_ subCode: String, _ meaning: AlipayCodeClass) {
        #expect(AlipayCode(code: "40004", subCode: subCode).meaning == meaning)
    }

    @Test(arguments: business)
    func `an Alipay sub-code is recognised in every spelling`(_ subCode: String, _ meaning: AlipayCodeClass) {
        let bare = String(subCode.split(separator: ".").last ?? "")
        let spellings = [
            bare, bare.lowercased(), "acq.\(bare)", "AQC.\(bare)", "aop.ACQ.\(bare)", bare.replacing("_", with: ""),
            "ACQ." + bare.replacing("_", with: "-").lowercased(),
        ]
        for spelling in spellings { #expect(AlipayCode(code: "40004", subCode: spelling).meaning == meaning) }
    }

    @Test func `the table of Alipay sub-codes has exactly the tested rows`() {
        let tested = Set(Self.business.map { $0.0.split(separator: ".").last ?? "" })
        #expect(Set(AlipayCode.businessCodes.flatMap(\.codes).map { Substring($0) }) == tested)
    }

    @Test(arguments: [
        ("10000", AlipayCodeClass.done), ("20000", .unknown), ("20001", .refused), ("40001", .refused),
        ("40002", .refused), ("40003", .refused), ("40004", .unlisted), ("40005", .tooOften), ("40006", .refused),
    ])
    func `each Alipay gateway code has the meaning of the table`(_ code: String, _ meaning: AlipayCodeClass) {
        #expect(AlipayCode(code: code, subCode: nil).meaning == meaning)
        #expect(AlipayCode(code: code, subCode: "").meaning == meaning)
    }

    @Test(arguments: [
        ("40004", "ACQ.SOMETHING_NEW"), ("40004", ""), ("40004", "XACQ.TRADE_NOT_EXIST"), ("40007", ""),
        ("40004", "TRADE_NOT_EXISTS"), ("40004", "NO_TRADE_NOT_EXIST"), ("40004", "ACQ"), ("40004", "SUCCESS"),
        ("40004", "ACQ.SELLER_BEEN_BLOCKED"),
    ])
    func `an Alipay refusal that is not in the tables is unlisted`(_ code: String, _ subCode: String) {
        let read = AlipayCode(code: code, subCode: subCode, message: "不可以")
        #expect(read.meaning == .unlisted && !read.isGatewayRefusal)
        #expect(read.error == ProviderError(code: read.reason, message: "不可以", weight: .refusal))
    }

    @Test(arguments: [
        ("40004", "ACQ.SYSTEM_BUSY"), ("40004", "ACQ.UNKNOW_REASON"), ("20000", "ACQ.TRADE_NOT_EXIST"),
        ("10000", "ACQ.TRADE_NOT_EXIST"), ("10000", "ACQ.SOMETHING_NEW"), ("", ""), ("0", ""), ("10001", ""),
        ("200", ""), ("4000", ""), ("400040", ""), (" 10000", ""), ("10000 ", ""), ("１００００", ""),
        ("99999", "ACQ.TRADE_HAS_SUCCESS"),
    ])
    func `an Alipay code that is not in the tables is unknown`(_ code: String, _ subCode: String) {
        #expect(AlipayCode(code: code, subCode: subCode).meaning == .unknown)
    }

    @Test(arguments: [
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", ProviderError.Weight.balance),
        ("ACQ.REASON_TRADE_BEEN_FREEZEN", .balance), ("ACQ.SYSTEM_ERROR", .undecided),
        ("ACQ.TRADE_STATUS_ERROR", .refusal), ("ACQ.TRADE_HAS_SUCCESS", .refusal),
    ])
    func `an Alipay code that decides nothing is reported with its weight`(
        _ subCode: String, _ weight: ProviderError.Weight
    ) {
        #expect(AlipayCode(code: "40004", subCode: subCode).error.weight == weight)
    }

    @Test(arguments: [
        ("40002", "isv.invalid-signature", AlipayCodeClass.refused), ("40002", "isv.something-new", .refused),
        ("40003", "isv.missing-signature-config", .refused), ("40006", "isv.insufficient-isv-permissions", .refused),
        ("40002", "ACQ.SYSTEM_ERROR", .unknown), ("40001", "isv.app-call-limited", .tooOften),
        ("40005", "isv.something-new", .tooOften), ("20000", "isp.unknow-error", .unknown),
    ])
    func `an Alipay gateway refusal counts unless its sub-code says otherwise`(
        _ code: String, _ subCode: String, _ meaning: AlipayCodeClass
    ) {
        let read = AlipayCode(code: code, subCode: subCode)
        #expect(read.meaning == meaning)
        #expect(read.isGatewayRefusal == (meaning == .refused))
    }

    @Test(arguments: [("40004", "ACQ.INVALID_PARAMETER"), ("20001", ""), ("10000", ""), ("40005", "")])
    func `no other Alipay code is a gateway refusal`(_ code: String, _ subCode: String) {
        #expect(!AlipayCode(code: code, subCode: subCode).isGatewayRefusal)
    }

    @Test(arguments: [
        ("ACQ.INVALID_PARAMETER", "ACQ.INVALID_PARAMETER"), ("", "40004"), ("a b\nc\u{1B}[31m", "abc31m"),
        ("茶🍵", "UNNAMED"), (String(repeating: "A", count: 500), String(repeating: "A", count: 64)),
    ])
    func `the reason of an Alipay refusal is its code alone, safe to log`(_ subCode: String, _ reason: String) {
        #expect(AlipayCode(code: "40004", subCode: subCode).reason == reason)
    }
}
