import PayCore
import Testing

@testable import PayProviders

@Suite struct WeChatPayCodeTests {
    struct Row: Sendable {
        let status: Int
        let codes: [String]
        let meaning: WeChatPayCode

        init(_ status: Int, _ codes: [String], _ meaning: WeChatPayCode) {
            self.status = status
            self.codes = codes
            self.meaning = meaning
        }
    }

    @Test(arguments: [
        Row(400, ["PARAM_ERROR", "INVALID_REQUEST", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS"], .refused),
        Row(400, ["ORDER_CLOSED", "ORDERCLOSED"], .closed),
        Row(401, ["SIGN_ERROR", "SIGNERROR"], .refused),
        Row(403, ["NO_AUTH", "NOAUTH", "RULE_LIMIT", "RULELIMIT"], .refused),
        Row(403, ["ACCOUNT_ERROR", "ACCOUNTERROR", "TRADE_ERROR"], .refused),
        Row(403, ["NOT_ENOUGH", "NOTENOUGH"], .retryLater),
        Row(403, ["OUT_TRADE_NO_USED", "OUTTRADENOUSED"], .used),
        Row(404, ["ORDER_NOT_EXIST", "ORDERNOTEXIST", "order_not_exist"], .noSuchTrade),
        Row(404, ["RESOURCE_NOT_EXISTS"], .noSuchRefund),
        Row(429, ["FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"], .tooOften),
        Row(403, ["FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"], .tooOften),
        Row(500, ["SYSTEM_ERROR", "SYSTEMERROR", "BANK_ERROR", "BANKERROR"], .unknown),
        Row(500, ["OPENID_MISMATCH", "INVALID_TRANSACTIONID"], .refused),
        Row(400, ["ORDERPAID", "ORDER_PAID", "OrderPaid"], .alreadyPaid),
        Row(403, ["ORDERPAID", "ORDER_PAID"], .alreadyPaid),
        Row(400, ["A_CODE_OF_TOMORROW", "FAIL", "SUCCESS", "", "ÖRDERPAID"], .unlisted),
        Row(403, ["USER_ACCOUNT_ABNORMAL", "REQUEST_BLOCKED"], .unlisted),
        Row(429, ["A_CODE_OF_TOMORROW"], .tooOften),
        Row(302, ["A_CODE_OF_TOMORROW"], .unknown), Row(500, ["A_CODE_OF_TOMORROW"], .unknown),
    ])
    func `each WeChat code has the meaning of the table in every spelling`(_ row: Row) {
        for code in row.codes { #expect(WeChatPayCode(code, status: row.status) == row.meaning, "\(code)") }
    }

    @Test(arguments: [
        "PARAM_ERROR", "INVALID_REQUEST", "NO_AUTH", "ORDER_CLOSED", "ORDERPAID", "ORDER_NOT_EXIST", "RULE_LIMIT",
        "RESOURCE_NOT_EXISTS", "NOT_ENOUGH", "SIGN_ERROR", "OUT_TRADE_NO_USED",
    ])
    func `a WeChat 4xx code with another status decides nothing`(_ code: String) {
        for status in [300, 302, 500, 502, 503, 599] {
            #expect(WeChatPayCode(code, status: status) == .unknown)
        }
    }

    @Test(arguments: [
        (403, "USER_ACCOUNT_ABNORMAL", ProviderError.Weight.refusal), (403, "NOT_ENOUGH", .balance),
        (404, "RESOURCE_NOT_EXISTS", .refusal), (401, "SIGN_ERROR", .undecided), (401, "SIGN_OF_TOMORROW", .undecided),
        (429, "FREQUENCY_LIMITED", .undecided), (500, "SYSTEM_ERROR", .undecided),
    ])
    func `a WeChat code that decides nothing is reported with its weight`(
        _ status: Int, _ code: String, _ weight: ProviderError.Weight
    ) {
        #expect(WeChatPayCode(code, status: status).weight(of: code) == weight)
    }

    @Test(arguments: [
        (500, #"{"code":"SYSTEM_ERROR","message":"busy"}"#, true), (502, "<html>", true), (500, "", true),
        (500, #"{"code":"OPENID_MISMATCH","message":"another app's"}"#, false), (200, "{}", false), (404, "", false),
    ])
    func `a wrong payer does not count as a WeChat failure`(
        _ status: Int, _ body: String, isBroken: Bool
    ) {
        #expect(WeChatPayProvider.saysBroken(ProviderReply(status: status, body: Array(body.utf8))) == isBroken)
    }
}
