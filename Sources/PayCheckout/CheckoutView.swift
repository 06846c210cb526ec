/// The input of the template. All texts and links are final, so the template decides nothing.
///
/// Members of nested parts have distinct names: the template looks up a name from the inside out and skips nil values.
struct CheckoutView: Sendable {
    let lang: String
    let texts: CheckoutTexts
    let title: String
    /// The URLs of the stylesheet, the script and the icon.
    let stylesheet: String
    let script: String
    let icon: String
    let languages: [LanguageLink]
    /// The direction of the page's text: `ltr` or `rtl`.
    var dir = "ltr"
    /// The name of the page's language in the language itself.
    var currentLanguage = ""

    let state: String
    let revision: String
    let terminal: String
    let channel: String
    /// The text for screen readers when the state changes.
    let announcement: String
    /// The seconds until the page changes by time alone.
    var wakeIn: Int64?
    var reload: Reload?
    /// Whether the page has an event stream.
    var isLive = false
    /// Whether the holder of the link can still pay the order.
    var isOpen = false

    var summary: Summary?
    /// The mark of the channel that the headline names.
    var mark: Mark?
    var sign: Sign?
    var notice: Notice?
    let headline: String
    var leads: [String] = []
    var alarm: Alarm?
    var stepList: StepList?
    var code: Code?
    var open: Opening?
    var invoke: Invocation?
    var appParameters: String?
    /// The target of the forms, and their fields besides the channel.
    var action = ""
    var fields: [Field] = []
    var primary: Primary?
    /// The channel whose QR code can be renewed.
    var fresh: String?
    var ways: Ways?
    var inWeChat: InWeChat?
    var handoff: Handoff?
    var back: Back?
    var again: Again?
    /// The way back to the shop from a page that has ended.
    var returnLink: ReturnLink?
    var mayClose = false
    var foot: Foot?

    /// For browsers without a script: reloads the page after these seconds, without the result of the last press.
    struct Reload: Sendable {
        let reloadEvery: Int64
        let reloadFrom: String
    }

    struct LanguageLink: Sendable {
        let code: String
        let ownName: String
        let href: String
        let isCurrent: Bool
    }

    /// The summary of the order.
    struct Summary: Sendable {
        let shop: Shop?
        let amount: String
        let isLong: Bool
        let subject: String
        let orderNumber: String
        var timer: Timer?
        var paidTime: PaidTime?
    }

    struct Shop: Sendable {
        /// Nil if the logo stands alone.
        let shopName: String?
        let shopInitial: String
        /// The URL of the merchant's logo.
        let logo: String?
    }

    struct Timer: Sendable {
        /// Whether the countdown is shown; otherwise the time is.
        let isNear: Bool
        let nearSeconds: Int64
        let secondsLeft: Int64
        let clockLeft: String
        let until: String
        let untilText: String
    }

    struct PaidTime: Sendable {
        let instant: String
        let instantText: String
    }

    struct Notice: Sendable {
        package let word: String
        package let words: String
    }

    struct StepList: Sendable {
        let steps: [Step]
    }

    struct Step: Sendable {
        let label: String
        let progress: String
        let progressText: String?
    }

    struct Code: Sendable {
        let svg: String
    }

    struct Opening: Sendable {
        let href: String
        let newTab: Bool
        let openLabel: String
    }

    struct Invocation: Sendable {
        let parameters: String
        let invokeLabel: String
        /// Identifies the buyer again; nil if the shop named the payer.
        let identifyHref: String?
    }

    struct Field: Hashable, Sendable {
        let field: String
        let value: String
    }

    struct Primary: Sendable {
        let primaryChannel: String
        let primaryLabel: String
        /// When the script submits the action: `now`, `once` per tab, or after a number of seconds.
        let auto: String?
        let isHidden: Bool
        let weight: String
    }

    struct Ways: Sendable {
        let waysTitle: String?
        let choices: [Way]
    }

    struct Way: Sendable {
        let choice: String
        let choiceName: String
        let mark: Mark
        /// In place of the form, for a buyer who has to be identified first.
        let choiceHref: String?
        /// Why it may not work.
        let choiceFlaw: String?
    }

    /// A small picture beside a channel's name: the merchant's picture, our drawing, or a letter.
    struct Mark: Sendable {
        var picture: String?
        var drawing: String?
        var initial: String?
    }

    /// How to leave WeChat for a browser.
    struct InWeChat: Sendable {
        let hint: String
        /// The page of the ways for a browser; nil on that page.
        let browserHref: String?
    }

    struct Handoff: Sendable {
        let handoffSVG: String
        /// Whether it stands below the other ways, because the page has no main action.
        let isBelow: Bool
    }

    /// The warning shown while a provider's result is unknown.
    struct Alarm: Sendable {
        let alarmLead: String
        let alarmAdvice: String?
    }

    /// The refunds of the order.
    struct Back: Sendable {
        let backTitle: String
        let givenBack: [GivenBack]
    }

    struct Again: Sendable {
        let againHref: String
        let isForScriptless: Bool
    }

    struct GivenBack: Sendable {
        let refundState: String
        let refundText: String
    }

    struct ReturnLink: Sendable {
        let returnTo: String
        let returnLabel: String
        /// The seconds after which the script follows the link.
        var leaveAfter: Int64?
    }

    /// The end of the page.
    struct Foot: Sendable {
        let trust: String?
        /// The way back to the shop before the end.
        let cancelLink: CancelLink?
    }

    struct CancelLink: Sendable {
        let cancelTo: String
        let cancelLabel: String
    }
}

/// The icon above the headline, drawn as strokes.
struct Sign: Sendable {
    let name: String
    let strokes: String

    static let good = Sign(name: "good", strokes: "M5 12.5l4.5 4.5L19 7.5")
    static let late = Sign(name: "late", strokes: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16M12 8v4.5l3 2")
    static let over = Sign(name: "over", strokes: "M6 12h12")
    static let wait = Sign(name: "wait", strokes: "M12 3a9 9 0 1 0 9 9")
    static let elsewhere = Sign(name: "elsewhere", strokes: "M3 5h12v9H3zM6 18h5M17 9h4v10h-4z")
    static let broken = Sign(
        name: "broken", strokes: "M9 15l6-6M8 11l-2 2a3.5 3.5 0 0 0 5 5l2-2M16 13l2-2a3.5 3.5 0 0 0-5-5l-2 2")
}
