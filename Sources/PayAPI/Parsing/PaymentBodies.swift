import PayAccess
package import PayCore

/// The parsed body of a first pay call. Every field is valid, because it exists.
package struct FirstPayBody: Sendable {
    let number: OrderNumber
    let userID: UserID
    let money: Money
    let subject: Subject
    /// Nil, like the terminal, if the buyer chooses.
    let channel: Channel?
    let terminal: Terminal?
    let expiresIn: Duration?
    let payer: PayerBody?
    let returnURL: String?
}

/// The parsed body of a repay. A nil value means the live attempt's own.
package struct RepayBody: Sendable {
    package let channel: Channel?
    package let terminal: Terminal?
    package let payer: PayerBody?
    package let fresh: Bool
}

/// The payer of a body.
package struct PayerBody: Sendable {
    package let openID: String?
    let clientIP: String?
}

/// A parsed body, or all its mistakes.
package enum ParsedBody<Body: Sendable>: Sendable {
    case body(Body)
    case mistakes([UnacceptableField])
}

/// The rules for bodies that their types don't express.
package struct BodyRules: Sendable {
    /// The longest `expires_in`, from WeChat's limit.
    static let longestLife = Duration.seconds(15 * 24 * 60 * 60)

    /// The allowed hosts of a `return_url`; nil allows any.
    package let returnHosts: [String]?

    package init(returnHosts: [String]?) {
        self.returnHosts = returnHosts
    }

    package func firstPay(_ json: [UInt8]) -> ParsedBody<FirstPayBody> {
        parse(json) { reader in
            reader.refuseOthers(than: [
                "out_trade_no", "user_id", "amount", "currency", "subject", "channel", "terminal", "expires_in",
                "payer", "return_url",
            ])
            let number = reader.text(
                "out_trade_no", required: true, mustBe: "4 to 28 of 0-9, A-Z, a-z and _", OrderNumber.init)
            let userID = reader.text(
                "user_id", required: true, mustBe: "1 to \(UserID.longest) characters without control characters",
                UserID.init)
            let amount = reader.integer("amount", required: true, in: 1...Money.largestAmount)
            let currency = reader.text(
                "currency", required: true, mustBe: "an ISO 4217 code in capital letters, such as CNY", Currency.init)
            let subject = reader.text(
                "subject", required: true, mustBe: "1 to \(Subject.longest) characters without control characters",
                Subject.init)
            let channel = readChannel(&reader)
            let terminal = readTerminal(&reader)
            let seconds = reader.integer("expires_in", in: 1...Self.longestLife.wholeSeconds)
            let payer = readPayer(&reader)
            let returnURL = reader.text("return_url", mustBe: returnRule) { isAllowed(returnURL: $0) ? $0 : nil }
            refuseHalfChoice(&reader)
            guard let number, let userID, let amount, let currency, let subject,
                let money = Money(amount: amount, currency: currency)
            else { return nil }
            return FirstPayBody(
                number: number, userID: userID, money: money, subject: subject, channel: channel, terminal: terminal,
                expiresIn: seconds.map { .seconds($0) }, payer: payer, returnURL: returnURL)
        }
    }

    package func repay(_ json: [UInt8]) -> ParsedBody<RepayBody> {
        parse(json) { reader in
            reader.refuseOthers(than: ["channel", "terminal", "payer", "fresh"])
            return RepayBody(
                channel: readChannel(&reader), terminal: readTerminal(&reader),
                payer: readPayer(&reader), fresh: reader.flag("fresh") ?? false)
        }
    }

    func parse<Body: Sendable>(_ json: [UInt8], _ read: (inout FieldReader) -> Body?) -> ParsedBody<Body> {
        guard let document = JSONDocument(json), case .object(let members) = document.root else {
            return .mistakes([UnacceptableField(pointer: "", detail: "the body must be a JSON object in UTF-8")])
        }
        var reader = FieldReader(members)
        let body = read(&reader)
        reader.refuse(repeated: document.repeatedNames)
        if let body, reader.mistakes.isEmpty { return .body(body) }
        return .mistakes(reader.mistakes)
    }

    /// An order without a channel stores no wish of its first call. A terminal or a payer without a channel would be
    /// lost without a word.
    private func refuseHalfChoice(_ reader: inout FieldReader) {
        switch (reader.has("channel"), reader.has("terminal")) {
        case (true, true): return
        case (true, false): reader.refuseField("terminal", "is required with a channel")
        case (false, true): reader.refuseField("channel", "is required with a terminal")
        case (false, false):
            if reader.has("payer") { reader.refuseField("payer", "is allowed only with a channel and a terminal") }
        }
    }

    private func readChannel(_ reader: inout FieldReader) -> Channel? {
        reader.text("channel", mustBe: "a channel name, such as alipay or wechat", Channel.init)
    }

    private func readTerminal(_ reader: inout FieldReader) -> Terminal? {
        reader.text(
            "terminal", mustBe: "one of \(Terminal.allCases.map(\.rawValue).joined(separator: ", "))", Terminal.init)
    }

    private func readPayer(_ reader: inout FieldReader) -> PayerBody? {
        reader.object("payer") { payer in
            payer.refuseOthers(than: ["openid", "client_ip"])
            let openID = payer.text("openid", mustBe: "1 to \(Payer.longestOpenID) visible ASCII characters") {
                $0.isVisibleASCII(1...Payer.longestOpenID) ? $0 : nil
            }
            let clientIP = payer.text("client_ip", mustBe: "an IPv4 or IPv6 address") {
                NetworkAddress($0)?.description
            }
            return PayerBody(openID: openID, clientIP: clientIP)
        }
    }
}
