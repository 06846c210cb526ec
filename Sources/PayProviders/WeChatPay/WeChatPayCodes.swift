import PayCore

/// The meaning of a WeChat error code, the same for every call.
///
/// Errors are unsigned. An error may refuse a create or trigger a query, and nothing else.
enum WeChatPayCode: Hashable, Sendable, CaseIterable {
    /// Refused for good: the same request fails again.
    case refused
    /// The trade with this number is paid.
    case alreadyPaid
    /// The trade with this number is closed.
    case closed
    /// The number was used before, for an unknown trade. Never treated as unpaid.
    case used
    case noSuchTrade
    case noSuchRefund
    /// The merchant's balance is too low. The same request may succeed later.
    case retryLater
    /// Rate-limited.
    case tooOften
    /// Refused with a code that is not in the table. Never proof that nothing was done.
    case unlisted
    /// It may have been done or not.
    case unknown
}

extension WeChatPayCode {
    /// WeChat Pay's error tables. The codes stand without underscores, because the spelling varies between the pages
    /// (`ORDER_NOT_EXIST`, `ORDERNOTEXIST`). No code means "too early to close". Such a close is refused or unknown,
    /// and retried.
    private static let table: [String: Self] = [
        "PARAMERROR": .refused,
        // Also the answer to a known number with other parameters.
        "INVALIDREQUEST": .refused,
        "APPIDMCHIDNOTMATCH": .refused,
        "MCHNOTEXISTS": .refused,
        "ORDERCLOSED": .closed,
        "SIGNERROR": .refused,
        "NOAUTH": .refused,
        "RULELIMIT": .refused,
        "ACCOUNTERROR": .refused,
        "TRADEERROR": .refused,
        "NOTENOUGH": .retryLater,
        "OUTTRADENOUSED": .used,
        "ORDERNOTEXIST": .noSuchTrade,
        "RESOURCENOTEXISTS": .noSuchRefund,
        "FREQUENCYLIMITED": .tooOften,
        "RATELIMITEXCEEDED": .tooOften,
        "SYSTEMERROR": .unknown,
        "BANKERROR": .unknown,
        "OPENIDMISMATCH": .refused,
        "INVALIDTRANSACTIONID": .refused,
        "ORDERPAID": .alreadyPaid,
    ]

    /// Codes that are final although they come with a 5xx.
    private static let finalAmongServerErrors: Set<String> = ["OPENIDMISMATCH", "INVALIDTRANSACTIONID"]

    /// A code that is not in the table is unlisted with a 4xx, and otherwise unknown. A status alone refuses nothing: a
    /// 5xx may come from a gateway that does not know the result.
    init(_ code: String, status: Int) {
        let spelling = code.uppercased().replacing("_", with: "")
        switch (status, Self.table[spelling]) {
        case (_, .tooOften?): self = .tooOften
        case (400...499, let known?): self = known
        case (429, nil): self = .tooOften
        case (400...499, nil): self = .unlisted
        case (500...599, let known?) where Self.finalAmongServerErrors.contains(spelling): self = known
        default: self = .unknown
        }
    }

    /// How much an undecided error matters to the operator. An error about our signature says nothing about the
    /// request.
    func weight(of code: String) -> ProviderError.Weight {
        switch self {
        case .refused, .alreadyPaid, .closed, .used, .noSuchTrade, .noSuchRefund, .unlisted:
            code.uppercased().contains("SIGN") ? .undecided : .refusal
        case .retryLater: .balance
        case .tooOften, .unknown: .undecided
        }
    }
}
