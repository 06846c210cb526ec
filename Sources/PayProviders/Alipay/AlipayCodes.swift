import PayCore

/// What a code of Alipay's comes to, whichever call it answers.
enum AlipayCodeClass: Hashable, Sendable, CaseIterable {
    case done
    /// A definite no: asking again without a change is in vain.
    case refused
    case alreadyPaid
    case alreadyClosed
    /// No trade, or none yet: nobody has opened the page or scanned the code.
    case noSuchTrade
    /// The trade is in no state for this: a query says in which.
    case wrongState
    /// The merchant's balance is too low: the same again later may do.
    case retryLater
    /// The same again later may do, and every call is to come more rarely.
    case tooOften
    /// A definite refusal by a code that no table names: never proof that nothing was done.
    case unlisted
    /// It may have been done or not.
    case unknown
}

/// Alipay's answer codes: the gateway's own (`code`) and those of the business behind it (`sub_code`).
struct AlipayCode: Hashable, Sendable {
    static let success = "10000"

    let code: String
    /// Nil where there is none.
    let subCode: String?
    /// Alipay's text for people.
    let message: String?

    init(code: String, subCode: String?, message: String? = nil) {
        self.code = code
        self.subCode = subCode.flatMap { $0.isEmpty ? nil : $0 }
        self.message = message
    }

    /// By Alipay's tables. What they don't name is unlisted, or unknown where it doesn't say that it refuses.
    var meaning: AlipayCodeClass {
        guard let gateway = Self.gateway[code] else { return unlisted }
        switch gateway {
        case .final(let meaning): return meaning
        case .done: return subCode == nil ? .done : .unknown
        case .refused: return subCode.flatMap(Self.businessClass) ?? .refused
        case .business: return subCode.flatMap(Self.businessClass) ?? unlisted
        }
    }

    /// A gateway code of the 4xxxx refuses; a sub-code of the system's own trouble leaves it open.
    private var unlisted: AlipayCodeClass {
        let isRefusal = code.utf8.count == Self.success.utf8.count && code.hasPrefix("4")
        let words = Self.loose(subCode ?? "")
        return isRefusal && !words.contains("SYSTEM") && !words.contains("UNKNOW") ? .unlisted : .unknown
    }

    /// How an undecided code is reported.
    var error: ProviderError {
        let weight: ProviderError.Weight =
            switch meaning {
            case .refused, .alreadyPaid, .alreadyClosed, .noSuchTrade, .wrongState, .unlisted: .refusal
            case .retryLater: .balance
            case .done, .tooOften, .unknown: .undecided
            }
        return ProviderError(code: reason, message: message, weight: weight)
    }

    /// Whether the gateway itself turned the request away, before any trade was looked at. Nobody signs that.
    var isGatewayRefusal: Bool {
        if case .refused? = Self.gateway[code] { return meaning == .refused }
        return false
    }

    /// The provider's own code, fit for a log.
    var reason: String { ProviderError(code: subCode ?? code).code }
}

extension AlipayCode {
    private enum Gateway {
        case done
        case final(AlipayCodeClass)
        /// A refusal, unless the sub-code says otherwise.
        case refused
        /// The sub-code alone says what.
        case business
    }

    private static let gateway: [String: Gateway] = [
        success: .done,
        // The service is not available: whatever the sub-code, it may have been done.
        "20000": .final(.unknown),
        // An authorisation token is wrong. None is ever sent.
        "20001": .final(.refused),
        // A parameter is missing; is wrong (a signature among them); a condition is not met; no permission.
        "40001": .refused,
        "40002": .refused,
        "40003": .refused,
        "40006": .refused,
        "40004": .business,
        "40005": .final(.tooOften),
    ]

    /// The sub-codes by their loose spelling: the same one is seen with and without its prefix, and misspelt.
    static func businessClass(_ subCode: String) -> AlipayCodeClass? {
        business[loose(subCode)]
    }

    /// In capitals, without the prefix that says who speaks, and without what joins words.
    private static func loose(_ subCode: String) -> String {
        var text = subCode.uppercased()
        while let prefix = prefixes.first(where: { text.hasPrefix($0) }) { text.removeFirst(prefix.count) }
        return text.filter { $0 != "_" && $0 != "-" }
    }

    private static let prefixes = ["ACQ.", "AQC.", "AOP.", "ISV.", "ISP."]

    /// Every sub-code that is documented for the calls that are made, by what it comes to.
    static let businessCodes: [(meaning: AlipayCodeClass, codes: [String])] = [
        (.alreadyPaid, ["TRADE_HAS_SUCCESS"]),
        (.alreadyClosed, ["TRADE_HAS_CLOSE"]),
        (.noSuchTrade, ["TRADE_NOT_EXIST"]),
        (.wrongState, ["TRADE_STATUS_ERROR", "REASON_TRADE_STATUS_INVALID", "REASON_ILLEGAL_STATUS"]),
        // The merchant's balance is too low: the account must be topped up, and the same refund asked for again.
        (.retryLater, ["SELLER_BALANCE_NOT_ENOUGH"]),
        (.tooOften, ["app-call-limited", "method-call-limited"]),
        (.unknown, ["SYSTEM_ERROR", "unknow-error", "unknown-error"]),
        // The number was used with other particulars; is another buyer's; may not ask for a code twice.
        (.refused, ["CONTEXT_INCONSISTENT", "TRADE_BUYER_NOT_MATCH", "APPLY_PC_MERCHANT_CODE_ERROR"]),
        // The caller's or the contract's fault.
        (
            .refused,
            [
                "INVALID_PARAMETER", "PARTNER_ERROR", "ACCESS_FORBIDDEN", "EXIST_FORBIDDEN_WORD", "TOTAL_FEE_EXCEED",
                "NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "RISK_MERCHANT_IP_NOT_EXIST",
            ]
        ),
        // The gateway's.
        (
            .refused,
            [
                "invalid-signature", "invalid-app-id", "invalid-timestamp", "invalid-charset",
                "missing-signature-config",
            ]
        ),
        // A refund that is not possible as it was asked for.
        (
            .refused,
            [
                "DISCORDANT_REPEAT_REQUEST", "REASON_TRADE_REFUND_FEE_ERR", "REFUND_AMT_NOT_EQUAL_TOTAL",
                "TRADE_NOT_ALLOW_REFUND", "NOT_ALLOW_PARTIAL_REFUND", "TRADE_HAS_FINISHED",
            ]
        ),
    ]

    private static let business: [String: AlipayCodeClass] = Dictionary(
        uniqueKeysWithValues: businessCodes.flatMap { row in row.codes.map { (loose($0), row.meaning) } })
}
