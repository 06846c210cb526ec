import PayCore

/// The meaning of an Alipay code, the same for every call.
enum AlipayCodeClass: Hashable, Sendable, CaseIterable {
    case done
    /// Refused for good: the same request fails again.
    case refused
    case alreadyPaid
    case alreadyClosed
    /// No trade exists, or not yet: the buyer has not opened the page or scanned the code.
    case noSuchTrade
    /// The trade's state does not allow this call. A query reports the state.
    case wrongState
    /// The merchant's balance is too low. The same request may succeed later.
    case retryLater
    /// The trade is frozen. The same request may succeed once a person has settled that with Alipay.
    case frozen
    /// Rate-limited. The same request may succeed later, and all calls slow down.
    case tooOften
    /// Refused with a code that is not in the tables. Never proof that nothing was done.
    case unlisted
    /// It may have been done or not.
    case unknown
}

/// Alipay's answer codes: the gateway's own (`code`) and the business code behind it (`sub_code`).
struct AlipayCode: Hashable, Sendable {
    static let success = "10000"

    let code: String
    /// Nil if the answer has none.
    let subCode: String?
    /// Alipay's human-readable text.
    let message: String?

    init(code: String, subCode: String?, message: String? = nil) {
        self.code = code
        self.subCode = subCode.flatMap { $0.isEmpty ? nil : $0 }
        self.message = message
    }

    /// The meaning by Alipay's tables. A code that is not in them is unlisted if it refuses, and otherwise unknown.
    var meaning: AlipayCodeClass {
        guard let gateway = Self.gateway[code] else { return unlisted }
        switch gateway {
        case .final(let meaning): return meaning
        case .done: return subCode == nil ? .done : .unknown
        case .refused: return subCode.flatMap(Self.businessClass) ?? .refused
        case .business: return subCode.flatMap(Self.businessClass) ?? unlisted
        }
    }

    /// A gateway code 4xxxx refuses. A sub-code for a system error leaves the outcome open.
    private var unlisted: AlipayCodeClass {
        let isRefusal = code.utf8.count == Self.success.utf8.count && code.hasPrefix("4")
        let words = Self.loose(subCode ?? "")
        return isRefusal && !words.contains("SYSTEM") && !words.contains("UNKNOW") ? .unlisted : .unknown
    }

    /// The report of a code that decides nothing.
    var error: ProviderError {
        let weight: ProviderError.Weight =
            switch meaning {
            case .refused, .alreadyPaid, .alreadyClosed, .noSuchTrade, .wrongState, .unlisted: .refusal
            case .retryLater, .frozen: .balance
            case .done, .tooOften, .unknown: .undecided
            }
        return ProviderError(code: reason, message: message, weight: weight)
    }

    /// Whether the gateway refused the request before it looked at a trade. Such an error is unsigned.
    var isGatewayRefusal: Bool {
        if case .refused? = Self.gateway[code] { return meaning == .refused }
        return false
    }

    /// The provider's own code, safe to log.
    var reason: String { ProviderError(code: subCode ?? code).code }
}

extension AlipayCode {
    private enum Gateway {
        case done
        case final(AlipayCodeClass)
        /// A refusal, unless the sub-code says otherwise.
        case refused
        /// The sub-code alone decides.
        case business
    }

    private static let gateway: [String: Gateway] = [
        success: .done,
        // The service is unavailable. With any sub-code, the request may have been processed.
        "20000": .final(.unknown),
        // An invalid authorisation token. Paypage sends none.
        "20001": .final(.refused),
        // A missing parameter; an invalid parameter or signature; a failed precondition; a missing permission.
        "40001": .refused,
        "40002": .refused,
        "40003": .refused,
        "40006": .refused,
        "40004": .business,
        "40005": .final(.tooOften),
    ]

    /// Looks a sub-code up by its normalised spelling. Alipay sends some codes with and without a prefix, or misspelt.
    static func businessClass(_ subCode: String) -> AlipayCodeClass? {
        business[loose(subCode)]
    }

    /// The code in capitals, without its prefix and its separators.
    private static func loose(_ subCode: String) -> String {
        var text = subCode.uppercased()
        while let prefix = prefixes.first(where: { text.hasPrefix($0) }) { text.removeFirst(prefix.count) }
        return text.filter { $0 != "_" && $0 != "-" }
    }

    private static let prefixes = ["ACQ.", "AQC.", "AOP.", "ISV.", "ISP."]

    /// Every documented sub-code of the calls in use, by meaning.
    static let businessCodes: [(meaning: AlipayCodeClass, codes: [String])] = [
        (.alreadyPaid, ["TRADE_HAS_SUCCESS"]),
        (.alreadyClosed, ["TRADE_HAS_CLOSE"]),
        (.noSuchTrade, ["TRADE_NOT_EXIST"]),
        (.wrongState, ["TRADE_STATUS_ERROR", "REASON_TRADE_STATUS_INVALID", "REASON_ILLEGAL_STATUS"]),
        // The merchant's balance is too low. After a top-up the same refund is requested again.
        (.retryLater, ["SELLER_BALANCE_NOT_ENOUGH"]),
        // Alipay's advice is to ask its staff.
        (.frozen, ["REASON_TRADE_BEEN_FREEZEN"]),
        (.tooOften, ["app-call-limited", "method-call-limited"]),
        (.unknown, ["SYSTEM_ERROR", "unknow-error", "unknown-error"]),
        // The number was used with other parameters; belongs to another buyer; may not get a second code.
        (.refused, ["CONTEXT_INCONSISTENT", "TRADE_BUYER_NOT_MATCH", "APPLY_PC_MERCHANT_CODE_ERROR"]),
        // Errors of the caller or the contract.
        (
            .refused,
            [
                "INVALID_PARAMETER", "PARTNER_ERROR", "ACCESS_FORBIDDEN", "EXIST_FORBIDDEN_WORD", "TOTAL_FEE_EXCEED",
                "NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "RISK_MERCHANT_IP_NOT_EXIST",
            ]
        ),
        // Errors of the gateway.
        (
            .refused,
            [
                "invalid-signature", "invalid-app-id", "invalid-timestamp", "invalid-charset",
                "missing-signature-config",
            ]
        ),
        // Refunds that are not possible as requested.
        (
            .refused,
            [
                // The number was used with another amount.
                "DISCORDANT_REPEAT_REQUEST",
                // More than is left, or not an amount.
                "REASON_TRADE_REFUND_FEE_ERR", "REFUND_FEE_ERROR", "REFUND_AMT_NOT_EQUAL_TOTAL",
                "TRADE_NOT_ALLOW_REFUND", "NOT_ALLOW_PARTIAL_REFUND", "TRADE_HAS_FINISHED",
            ]
        ),
    ]

    private static let business: [String: AlipayCodeClass] = Dictionary(
        uniqueKeysWithValues: businessCodes.flatMap { row in row.codes.map { (loose($0), row.meaning) } })
}
