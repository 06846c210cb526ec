import PayAPI
import PayCore

/// A form that the page submits.
struct CheckoutForm: Sendable {
    let channel: Channel
    let terminal: Terminal
    /// Empty if the form has none.
    let openID: String
    let fresh: Bool
}

extension CheckoutForm {
    /// Parses `application/x-www-form-urlencoded`. Nil if no button of the page could have sent the form.
    init?(_ body: [UInt8]) {
        let fields = FormFields(body)
        guard let channel = fields.only("channel").flatMap(Channel.init),
            let terminal = fields.only("terminal").flatMap(Terminal.init)
        else { return nil }
        let openID = fields.only("openid") ?? ""
        guard openID.isEmpty || CheckoutForm.isOpenID(openID) else { return nil }
        self.init(channel: channel, terminal: terminal, openID: openID, fresh: fields.only("fresh") == "true")
    }

    static func isOpenID(_ text: String) -> Bool {
        text.isVisibleASCII(1...Payer.longestOpenID)
    }
}
