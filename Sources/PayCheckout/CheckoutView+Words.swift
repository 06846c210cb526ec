import PayCore

/// The headline and the first sentences of a state.
struct CheckoutWords: Sendable {
    let headline: String
    var leads: [String] = []
    var sign: Sign?
}

extension CheckoutDrawing {
    var words: CheckoutWords {
        switch state {
        case .ready(let served): words(of: served)
        case .choose, .renew, .moved: wordsOfChoice
        case .working(let work):
            CheckoutWords(
                headline: texts.workingTitle,
                leads: [work.isElsewhere ? texts.workingElsewhere : texts.workingLead],
                sign: .wait)
        case .unknown(let work):
            CheckoutWords(
                headline: texts.unknownTitle(place.words(of: work.asked).company), leads: [unknownLead(work)],
                sign: .wait)
        case .timeUp: CheckoutWords(headline: texts.timeUpTitle, leads: [texts.timeUpLead], sign: .late)
        case .paid: wordsOfPaid
        case .closed: CheckoutWords(headline: texts.closedTitle, leads: [texts.closedLead], sign: .over)
        case .expired: CheckoutWords(headline: texts.expiredTitle, leads: [texts.expiredLead], sign: .late)
        }
    }

    private var wordsOfPaid: CheckoutWords {
        let order = visit.order
        return order.payment?.receipt.amount == order.refunded
            ? CheckoutWords(headline: texts.refundedTitle, leads: [texts.refundedLead(place.shopInWords)], sign: .over)
            : CheckoutWords(headline: texts.paidTitle, leads: [texts.paidLead(place.shopInWords)], sign: .good)
    }

    func sentence(about news: CheckoutNews) -> String {
        switch news {
        case .refused: visit.nothingWasCharged ? texts.refused : texts.refusedForNow
        case .unavailable: texts.unavailable
        case .tooOften: texts.tooOften
        case .tooMany: texts.tooMany
        case .unsafe: texts.unsafe
        case .busy: texts.busy
        case .unknown: texts.unknownStay
        }
    }

    func unknownLead(_ work: CheckoutWork) -> String {
        let company = place.words(of: work.asked).company
        return visit.isRepeatedByItself(work) ? texts.unknownLead(company) : texts.unknownLeadByHand(company)
    }

    private func words(of served: ServedPage) -> CheckoutWords {
        let words = place.words(of: served.channel)
        switch served.page.kind {
        case .qr:
            let elsewhere = ways == nil ? texts.cannotScanHereAlone : texts.cannotScanHere
            let lead = visit.terminal == .pc ? words.scanLead : elsewhere
            return CheckoutWords(headline: words.scanTitle, leads: [lead])
        case .html, .redirect:
            let lead = visit.terminal == .pc ? texts.openLeadNewTab : texts.openLeadSameTab(words.company)
            return CheckoutWords(headline: words.openTitle, leads: [lead])
        case .sdk where visit.terminal == .mini:
            return wordsOfMiniProgram
        case .sdk where visit.terminal == .jsapi:
            return CheckoutWords(headline: words.openTitle, leads: [texts.invokeLead])
        case .sdk:
            return CheckoutWords(headline: texts.appTitle, leads: [texts.appLead])
        }
    }

    private var wordsOfMiniProgram: CheckoutWords {
        CheckoutWords(headline: texts.miniTitle, leads: [texts.miniLead], sign: .elsewhere)
    }

    private var wordsOfChoice: CheckoutWords {
        switch state {
        case .choose(nil) where !visit.hasNumbersLeft:
            CheckoutWords(headline: texts.noTriesTitle, leads: [texts.noTriesLead])
        case .choose(nil) where visit.terminal == .mini: wordsOfMiniProgram
        case .choose(nil) where ways == nil && visit.preferred == nil:
            CheckoutWords(
                headline: visit.isInWeChat ? texts.openInBrowserTitle : texts.chooseTitle,
                leads: visit.isInWeChat ? (visit.jsapiMayPay ? [] : [texts.notInWeChat]) : [texts.noWays])
        case .choose(nil):
            CheckoutWords(headline: texts.chooseTitle, leads: [texts.chooseLead])
        case .renew:
            CheckoutWords(headline: texts.renewTitle, leads: [texts.renewLead], sign: .late)
        case .moved(_, let terminal):
            CheckoutWords(headline: texts.movedTitle, leads: [texts.moved(to: terminal)], sign: .elsewhere)
        default:
            CheckoutWords(headline: texts.goOnTitle, leads: [texts.goOnLead], sign: .elsewhere)
        }
    }

    /// All money that goes back, with the progress of each refund.
    var back: CheckoutView.Back? {
        let refunds = visit.order.refunds
        guard !refunds.isEmpty else { return nil }
        return .init(
            backTitle: texts.title(ofRefundsFor: Set(refunds.map(\.cause))),
            givenBack: refunds.map { refund in
                .init(
                    refundState: refund.state.rawValue,
                    refundText: texts.words(of: refund)(place.language.text(refund.money)))
            })
    }
}

extension CheckoutTexts {
    fileprivate func moved(to terminal: Terminal) -> String {
        switch terminal {
        case .pc: movedToPC
        case .h5: movedToPhone
        case .app: movedToApp
        case .jsapi, .mini: movedToWeChat
        }
    }

    /// A title that is true for every refund below it.
    fileprivate func title(ofRefundsFor causes: Set<RefundCause>) -> String {
        switch causes {
        case [.duplicate]: paidTwiceTitle
        case [.late]: paidLateTitle
        default: refundsTitle
        }
    }

    fileprivate func words(of refund: Refund) -> Phrase {
        let phrases = phrases(for: refund.cause)
        return switch refund.state {
        case .pending, .submitted, .needsAttention: phrases.underWay
        case .succeeded: phrases.done
        case .failed: phrases.failed
        }
    }

    private func phrases(for cause: RefundCause) -> RefundPhrases {
        switch cause {
        case .merchant: refundByShop
        case .duplicate: refundOfDuplicate
        case .late: refundOfLate
        case .dispute: refundOfDispute
        case .provider: refundByProvider
        }
    }
}

extension CheckoutView {
    init(
        _ place: CheckoutPlace, state: String, _ words: CheckoutWords, revision: String, terminal: String,
        channel: String, alsoTold told: [String] = []
    ) {
        self.init(
            lang: place.language.rawValue, texts: place.texts,
            title: place.shop.map { "\(words.headline) · \($0)" } ?? words.headline,
            stylesheet: place.url(of: place.assets.stylesheet), script: place.url(of: place.assets.script),
            icon: place.url(of: place.assets.icon),
            languages: CheckoutLanguage.allCases.map { language in
                .init(
                    code: language.rawValue, ownName: language.ownName,
                    href: place.link([.init(field: "lang", value: language.rawValue)]),
                    isCurrent: language == place.language)
            },
            state: state, revision: revision, terminal: terminal, channel: channel,
            announcement: ([words.headline] + words.leads + told).joined(separator: " — "), headline: words.headline)
        leads = words.leads
        sign = words.sign
        dir = place.language.direction
        currentLanguage = place.language.ownName
    }

    /// The page of an expired link. It has the way back to the shop and no data of the order.
    static func gone(_ place: CheckoutPlace, terminal: Terminal, returnURL: String?) -> CheckoutView {
        let words = CheckoutWords(headline: place.texts.goneTitle, leads: [place.texts.goneLead], sign: .late)
        var view = CheckoutView(place, state: "gone", words, revision: "", terminal: terminal.rawValue, channel: "")
        let label = place.texts.backToShop
        view.returnLink = returnURL.flatMap(SafeLink.init).map {
            .init(returnTo: $0.url, returnLabel: label)
        }
        view.mayClose = view.returnLink == nil
        return view
    }

    /// The page of an invalid link.
    static func noLink(_ place: CheckoutPlace, terminal: Terminal) -> CheckoutView {
        let words = CheckoutWords(headline: place.texts.noLinkTitle, leads: [place.texts.noLinkLead], sign: .broken)
        return CheckoutView(place, state: "nolink", words, revision: "", terminal: terminal.rawValue, channel: "")
    }

    /// The page of an internal error.
    static func broken(_ place: CheckoutPlace, terminal: Terminal) -> CheckoutView {
        let words = CheckoutWords(headline: place.texts.brokenTitle, leads: [place.texts.brokenLead], sign: .broken)
        var view = CheckoutView(place, state: "broken", words, revision: "", terminal: terminal.rawValue, channel: "")
        view.again = .init(againHref: place.link(), isForScriptless: false)
        return view
    }
}
