import PayCore

/// What one of WeChat's error codes comes to, whichever call it answers.
///
/// An error is not signed: it may have a create refused, it may send us to ask, and nothing else.
enum WeChatPayCode: Hashable, Sendable, CaseIterable {
    /// The provider definitely refused: asking again in the same words is no use.
    case refused
    /// The number is paid.
    case alreadyPaid
    /// The trade of this number is over.
    case closed
    /// The number was used before. What for isn't said: never taken for unpaid.
    case used
    case noSuchTrade
    case noSuchRefund
    /// Nothing is wrong with the request: the merchant's balance is too low for now.
    case retryLater
    /// Fewer calls are asked for.
    case tooOften
    /// A definite refusal by a code that no table names: never proof that nothing was done.
    case unlisted
    /// It may have been done or not.
    case unknown
}

extension WeChatPayCode {
    /// WeChat Pay's error tables, its codes without their underscores: the spelling varies between the pages
    /// (`ORDER_NOT_EXIST`, `ORDERNOTEXIST`). No code says "too early to close" in them, so a close that comes too early is
    /// refused or unknown, and asked for again.
    private static let table: [String: Self] = [
        "PARAMERROR": .refused,
        // Also the answer to a number that is asked again with other parameters.
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

    /// The codes that are final although they come with a 5xx.
    private static let finalAmongServerErrors: Set<String> = ["OPENIDMISMATCH", "INVALIDTRANSACTIONID"]

    /// A code that isn't in the table is unlisted with a 4xx, and otherwise unknown. The status alone refuses nothing: a
    /// 5xx may come from a gateway that doesn't know what was done behind it.
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

    /// How much an undecided error with this code matters to a person. A wrong signature is no word about what
    /// was asked.
    func weight(of code: String) -> ProviderError.Weight {
        switch self {
        case .refused, .alreadyPaid, .closed, .used, .noSuchTrade, .noSuchRefund, .unlisted:
            code.uppercased().contains("SIGN") ? .undecided : .refusal
        case .retryLater: .balance
        case .tooOften, .unknown: .undecided
        }
    }
}
