import PayCore
import PayFlow
import PayProviders

/// Checks that the keys belong to the account, by a signed query of a trade that can't exist.
struct AccountCheck {
    let provider: any PaymentProvider
    /// The last answer that the provider's transport returned.
    let lastAnswer: LastAnswer
    let hints: AccountHints
    let clock: any PayClock

    func finding() async -> Finding {
        switch await provider.query(MadeUpTrade.reference(at: clock.now(), on: provider.channel, hints)) {
        case .noSuchTrade: .ok(subject, "a signed call was accepted, and the answer's signature is valid")
        case .paid, .unpaid, .closed:
            .warning(
                subject, "the provider knows a trade that does not exist",
                remedy: "check that the configured address is the provider's")
        case .unknown(let doubt) where doubt.reason == .signature || doubt.reason == .serial:
            .failure(subject, "an answer's signature does not match the configured key", remedy: hints.wrongSignature)
        case .unknown: judged(lastAnswer.answer)
        }
    }

    private var subject: String { "\(provider.channel) account" }

    private func judged(_ answer: LastAnswer.Answer) -> Finding {
        switch answer {
        case .none: .failure(subject, "the provider was not called", remedy: "run paypage doctor again")
        case .failed(let words): .failure(subject, "a signed call failed: \(words)", remedy: "run paypage doctor again")
        case .answered(let status, let code):
            if hints.isUnsignedGoodNews(code) {
                .ok(subject, "a signed call was accepted (\(status) \(code ?? "")); this answer is never signed")
            } else {
                .failure(
                    subject, "the provider answered a signed call with \(status) \(code ?? "and no code")",
                    remedy: hints.remedy(status: status, code: code))
            }
        }
    }

}

/// A trade that can't exist: its order number contains `doctor` and the time.
enum MadeUpTrade {
    static func number(at now: Instant) -> TradeNumber {
        guard let number = TradeNumber("doctor_\(now.milliseconds)_1") else {
            preconditionFailure("a made-up number is none of ours")
        }
        return number
    }

    static func reference(at now: Instant, on channel: Channel, _ hints: AccountHints) -> TradeReference {
        guard let money = Money(amount: 100, currency: hints.currency), let subject = Subject("doctor") else {
            preconditionFailure("a made-up trade is no trade")
        }
        let request = StoredRequest(
            terminal: .pc, payer: .none, money: money, subject: subject, providerDeadline: now + .seconds(1_800),
            notifyURL: "", returnURL: nil)
        return TradeReference(
            Attempt(
                number: number(at: now), channel: channel, request: request, createdAt: now, state: .open,
                stateSince: now, reference: hints.madeUpReference, lastWordAt: now + .seconds(1_800)))
    }
}

/// The fixes for a provider's answers, by its own codes.
struct AccountHints: Sendable {
    var currency = Currency("CNY")!
    /// The provider's own name for the trade that can't exist, if it uses such names.
    var madeUpReference: ProviderReference?
    /// The code of "no such trade", if the provider does not sign that answer and its adapter therefore ignores it.
    var unsignedGoodNews: String?
    /// Parts of codes, each with its fix. Codes are compared in small letters, without other characters than letters
    /// and digits.
    var remedies: [(part: String, remedy: String)] = []
    /// The fix for a wrong signature.
    var wrongSignature = "check that the address is the provider's"
    /// The fix for every other code.
    var otherwise: String

    func isUnsignedGoodNews(_ code: String?) -> Bool {
        unsignedGoodNews.map { $0 == code.map(Self.loose) } ?? false
    }

    func remedy(status: Int, code: String?) -> String {
        let word = Self.loose("\(status) \(code ?? "")")
        return remedies.first { word.contains($0.part) }?.remedy ?? otherwise
    }

    private static func loose(_ code: String) -> String {
        String(code.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}

extension AccountHints {
    static let sandbox = AccountHints(
        wrongSignature: "set the same sandbox.secret here and at the sandbox",
        otherwise: "check sandbox.base.url, and set the same sandbox.secret here and at the sandbox")

    static let alipay = AccountHints(
        remedies: [
            ("invalidsignature", "upload the public key of alipay.private.key.file to the application at Alipay"),
            ("invalidappid", "check that alipay.app.id and alipay.gateway.url are both production or both sandbox"),
            ("permission", "sign the contract for this payment product, and publish the application"),
        ],
        wrongSignature: "copy Alipay's public key again to alipay.public.key.file",
        otherwise: "check alipay.app.id, both key files and alipay.gateway.url")

    static let weChatPay = AccountHints(
        unsignedGoodNews: "ordernotexist",
        remedies: [
            (
                "401",
                "wechat.serial.no and wechat.private.key.file must belong to the same certificate of wechat.mch.id; "
                    + "the clock must be right"
            ),
            ("403", "sign the contract for this payment product"),
            ("mch", "check that wechat.app.id is bound to wechat.mch.id in the merchant console"),
            ("param", "check wechat.public.key.id, wechat.mch.id and wechat.app.id"),
        ],
        wrongSignature: "check wechat.public.key.id and its file, or set wechat.platform.certificates to true",
        otherwise: "check wechat.mch.id, wechat.app.id, wechat.serial.no and wechat.private.key.file")

    static func stripe(isLive: Bool) -> AccountHints {
        AccountHints(
            madeUpReference: ProviderReference("cs_\(isLive ? "live" : "test")_paypage_doctor"),
            remedies: [
                ("401", "copy stripe.secret.key again from the dashboard"),
                ("403", "grant the restricted key write access to Checkout Sessions and Refunds"),
            ],
            otherwise: "check stripe.secret.key and stripe.base.url")
    }
}
