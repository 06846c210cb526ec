/// Every text of the hosted page. Each language has one value of this type, so a missing text doesn't compile.
struct CheckoutTexts: Sendable {
    // The page's frame.
    let order: String
    let payBy: String
    let timeLeft: String
    let secure: String
    let language: String
    let offline: String

    // The providers: their names in a list of ways to pay, and the words about each.
    let alipay: String
    let wechat: String
    let stripe: String
    let sandbox: String
    let withAlipay: ProviderTexts
    let withWeChat: ProviderTexts
    let withStripe: ProviderTexts
    let withSandbox: ProviderTexts

    // A live page.
    let scanTitle: Phrase
    let scanLead: Phrase
    let codeLabel: Phrase
    let cannotScanHere: String
    let cannotScanHereAlone: String
    let codeIsDead: String
    let codeIsDeadLead: String
    let freshCode: String
    let openTitle: Phrase
    let openLeadNewTab: String
    let openLeadSameTab: Phrase
    let openButton: Phrase
    let newTab: String
    let invokeLead: String
    let invokeButton: Phrase
    let needsScript: String
    let appTitle: String
    let appLead: String
    /// Inside a mini program, which alone can make the payment.
    let miniTitle: String
    let miniLead: String

    // No live page, or none on this terminal.
    let chooseTitle: String
    let chooseLead: String
    let otherWays: String
    let noWays: String
    let noTriesTitle: String
    let noTriesLead: String
    let goOnTitle: String
    let goOnLead: String
    let openInBrowserTitle: String
    let goOnButton: Phrase
    let renewTitle: String
    let renewLead: String
    let renewButton: String
    let movedTitle: String
    let movedToPC: String
    let movedToPhone: String
    let movedToApp: String
    let movedToWeChat: String
    let payHere: String
    let notInWeChat: String
    let inWeChat: String
    let openInBrowser: String
    let handoff: String
    let handoffLead: String
    let handoffLabel: String

    // A provider call is in progress, or its result is unknown.
    let workingTitle: String
    let workingLead: String
    let workingElsewhere: String
    let closingStep: String
    let stillOpenStep: String
    let openingStep: Phrase
    let done: String
    let underWay: String
    let unknownTitle: Phrase
    let unknownLead: Phrase
    let unknownLeadByHand: Phrase
    let unknownStay: String
    let unknownElsewhere: String
    let tryAgain: String
    let checkAgain: String

    // The order has ended.
    let timeUpTitle: String
    let timeUpLead: String
    let paidTitle: String
    let paidLead: Phrase
    let paidAt: String
    let closedTitle: String
    let closedLead: String
    let expiredTitle: String
    let expiredLead: String
    let goneTitle: String
    let goneLead: String
    let noLinkTitle: String
    let noLinkLead: String
    let brokenTitle: String
    let brokenLead: String
    let backToShop: String
    let cancel: String
    let mayClose: String

    // Money that goes back.
    let refundedTitle: String
    let refundedLead: Phrase
    let refundsTitle: String
    let paidTwiceTitle: String
    let paidLateTitle: String
    let refundByShop: RefundPhrases
    let refundOfDuplicate: RefundPhrases
    let refundOfLate: RefundPhrases
    let refundOfDispute: RefundPhrases
    let refundByProvider: RefundPhrases

    // Results of a press on a button.
    /// No page of the order could have taken money.
    let refused: String
    let refusedForNow: String
    let unavailable: String
    let tooOften: String
    let tooMany: String
    let unsafe: String
    let busy: String

    // The page's parts.
    /// In place of the name of a shop that has none.
    let theShop: String
    let trust: String
    /// Hides the handoff's code and shows the payment code again.
    let backToCode: String
    let openingNewStep: String
    /// Under the name of a way to pay.
    let failedWay: String
    /// Beside a button that was pressed without a connection.
    let sendLater: String
    /// A countdown in seconds follows.
    let returning: String
    let stayHere: String

    // For screen readers.
    let fiveMinutesLeft: String
    let oneMinuteLeft: String
}

/// The texts about one provider, in the words of its own app.
struct ProviderTexts: Sendable {
    /// The company that is called and answers.
    let company: String
    let scanTitle: String
    let scanLead: String
    let openTitle: String
    let openButton: String
}

/// The buyer's texts about a refund. The placeholder is its amount.
struct RefundPhrases: Sendable {
    let underWay: Phrase
    let done: Phrase
    let failed: Phrase
}

/// A text with one placeholder, written `{}`.
struct Phrase: Sendable, ExpressibleByStringLiteral {
    let pattern: String

    init(stringLiteral pattern: String) {
        self.pattern = pattern
    }

    /// The text with `filling` in its place. A filling of the other direction is isolated (UAX #9), so that it can't
    /// reorder the words around it.
    func callAsFunction(_ filling: String) -> String {
        let isPlain = !pattern.hasRightToLeftLetters && !filling.hasRightToLeftLetters
        return pattern.replacing("{}", with: isPlain ? filling : "\u{2068}\(filling)\u{2069}")
    }
}

extension String {
    /// Whether the text has letters that are written from right to left, such as Arabic or Hebrew.
    var hasRightToLeftLetters: Bool {
        unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x1_0800...0x1_0FFF, 0x1_E800...0x1_EFFF: true
            default: false
            }
        }
    }
}
