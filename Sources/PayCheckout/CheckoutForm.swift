import Foundation
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

/// The names and values of a submitted form.
private struct FormFields {
    private let pairs: [(name: String, value: String)]

    init(_ body: [UInt8]) {
        pairs = body.split(separator: UInt8(ascii: "&")).map { pair in
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.text(halves[0]), halves.count > 1 ? Self.text(halves[1]) : "")
        }
    }

    /// The value of a field that occurs exactly once; nil otherwise.
    func only(_ name: String) -> String? {
        let found = pairs.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let spaced = String(decoding: bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
        return spaced.removingPercentEncoding ?? ""
    }
}
