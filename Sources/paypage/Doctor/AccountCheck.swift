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
    static func sandbox(_ names: ChannelKeyNames) -> AccountHints {
        let secret = "set the same \(names.name(of: .sandboxSecret)) here and at the sandbox"
        return AccountHints(
            wrongSignature: secret, otherwise: "check \(names.name(of: .sandboxBaseURL)), and \(secret)")
    }

    static func alipay(_ names: ChannelKeyNames, byCertificates: Bool) -> AccountHints {
        let (appID, gateway) = (names.name(of: .alipayAppID), names.name(of: .alipayGatewayURL))
        let (privateKey, publicKey) = (names.name(of: .alipayPrivateKeyFile), names.name(of: .alipayPublicKeyFile))
        let application = names.name(of: .alipayAppCertFile)
        let (alipay, roots) = (names.name(of: .alipayCertFile), names.name(of: .alipayRootCertFile))
        let mode = "the application is in certificate mode: set \(application), \(alipay) and \(roots)"
        let key = "upload the public key of \(privateKey) to the application at Alipay"
        return AccountHints(
            remedies: [
                ("invalidsignature", byCertificates ? "check \(privateKey) and \(application)" : "\(key), or \(mode)"),
                ("missingappcertsn", mode),
                ("missingalipayrootcertsn", mode),
                ("appcertexpired", "renew the certificate in Alipay's console, and download it to \(application)"),
                ("appcertnotexist", "download the certificate of \(appID) to \(application)"),
                ("alipayrootcertsn", "download Alipay's root certificates again to \(roots)"),
                ("invalidappid", "check that \(appID) and \(gateway) are both production or both sandbox"),
                ("permission", "sign the contract for this payment product, and publish the application"),
            ],
            wrongSignature: byCertificates
                ? "download Alipay's certificate again to \(alipay)" : "copy Alipay's public key again to \(publicKey)",
            otherwise: byCertificates
                ? "check \(appID), \(privateKey), the certificate files and \(gateway)"
                : "check \(appID), both key files and \(gateway)")
    }

    static func weChatPay(_ names: ChannelKeyNames) -> AccountHints {
        let (merchant, appID) = (names.name(of: .wechatMchID), names.name(of: .wechatAppID))
        let (serial, privateKey) = (names.name(of: .wechatSerialNo), names.name(of: .wechatPrivateKeyFile))
        let (publicKeyID, certificates) = (
            names.name(of: .wechatPublicKeyID), names.name(of: .wechatPlatformCertificates)
        )
        return AccountHints(
            unsignedGoodNews: "ordernotexist",
            remedies: [
                (
                    "401",
                    "\(serial) and \(privateKey) must belong to the same certificate of \(merchant); "
                        + "the clock must be right"
                ),
                ("403", "sign the contract for this payment product"),
                ("mch", "check that \(appID) is bound to \(merchant) in the merchant console"),
                ("param", "check \(publicKeyID), \(merchant) and \(appID)"),
            ],
            wrongSignature: "check \(publicKeyID) and its file, or set \(certificates) to true",
            otherwise: "check \(merchant), \(appID), \(serial) and \(privateKey)")
    }

    static func stripe(_ names: ChannelKeyNames, isLive: Bool) -> AccountHints {
        let secretKey = names.name(of: .stripeSecretKey)
        return AccountHints(
            madeUpReference: ProviderReference("cs_\(isLive ? "live" : "test")_paypage_doctor"),
            remedies: [
                ("401", "copy \(secretKey) again from the dashboard"),
                ("403", "grant the restricted key write access to Checkout Sessions and Refunds"),
            ],
            otherwise: "check \(secretKey) and \(names.name(of: .stripeBaseURL))")
    }
}
