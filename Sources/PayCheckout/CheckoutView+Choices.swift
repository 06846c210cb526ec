import PayCore
import QRDrawing

// The actions that each state offers.
extension CheckoutDrawing {
    /// The shortest time before an automatic retry after a temporary refusal.
    private static let shortestPause = Duration.seconds(5)

    func show(_ served: ServedPage, in view: inout CheckoutView) {
        let page = served.page
        let name = place.name(of: served.channel)
        switch page.kind {
        case .qr:
            view.code = (try? QRCode(page.content)).map { .init(svg: $0.svg(label: texts.codeLabel(name))) }
            view.fresh = served.channel.name
        case .html:
            let query: [CheckoutView.Field] = [
                .init(field: "channel", value: served.channel.name),
                .init(field: "terminal", value: visit.terminal.rawValue),
            ]
            view.open = opening(place.page(query), of: served.channel)
        case .redirect:
            view.open = SafeLink(page.content).map { opening($0.url, of: served.channel) }
        case .sdk where visit.terminal == .jsapi:
            // A page that was opened in another buyer's WeChat can't be paid there: that buyer is identified again.
            let isLearned = visit.givenOpenID.isEmpty && visit.identifying.contains(served.channel)
            view.invoke = .init(
                parameters: page.content, invokeLabel: texts.invokeButton(name),
                identifyHref: isLearned ? place.authorize(served.channel) : nil)
        // The parameters are for the mini program, which gets them from its own back end.
        case .sdk where visit.terminal == .mini: break
        case .sdk:
            view.appParameters = page.content
        }
    }

    /// On a desktop the provider's page opens in a new tab. Our page stays open and reports the payment.
    private func opening(_ href: String, of channel: Channel) -> CheckoutView.Opening {
        .init(href: href, newTab: visit.terminal == .pc, openLabel: place.words(of: channel).openButton)
    }

    /// The main action of the state, if it has one.
    var primary: CheckoutView.Primary? {
        switch state {
        case .choose(let channel?):
            // Automatic only if the link was opened on a phone and neither a link of this page nor the shop chose the
            // terminal.
            let goesOn = visit.pressed == nil && visit.isTerminalSeen
            return primary(channel, texts.goOnButton(place.name(of: channel)), auto: goesOn ? "once" : nil)
        case .renew(let channel):
            return primary(channel, texts.renewButton, auto: renewing(channel))
        case .moved(let channel, _) where visit.offerable.contains(channel) && visit.hasNumbersLeft:
            return primary(channel, texts.payHere, auto: nil, weight: "")
        case .working(let work):
            guard let pause = work.retryAfter, work.isByItself else { return nil }
            return primary(
                work.channel, texts.tryAgain, auto: String(pause.secondsToWait), isHidden: true, weight: "")
        case .unknown(let work):
            guard let pause = work.retryAfter else { return nil }
            let auto = work.isByItself ? String(pause.secondsToWait) : nil
            return primary(work.channel, texts.tryAgain, auto: auto, weight: "")
        case .choose(nil):
            return visit.preferred.map { primary($0, texts.invokeButton(place.name(of: $0)), auto: nil) }
        case .ready, .moved, .timeUp, .paid, .closed, .expired:
            return nil
        }
    }

    /// Shows the main action: a form, or the link that sends the buyer to WeChat first.
    func showPrimary(in view: inout CheckoutView) {
        guard let primary else { return }
        guard let channel = visit.offerable.first(where: { $0.name == primary.primaryChannel }),
            visit.mustIdentify(at: channel)
        else { return view.primary = primary }
        view.open = .init(href: place.authorize(channel), newTab: false, openLabel: primary.primaryLabel)
    }

    private func primary(
        _ channel: Channel, _ label: String, auto: String?, isHidden: Bool = false, weight: String = "main"
    ) -> CheckoutView.Primary {
        .init(primaryChannel: channel.name, primaryLabel: label, auto: auto, isHidden: isHidden, weight: weight)
    }

    /// Renews automatically for the requested channel only. After a refusal, renews only if the refusal was temporary.
    private func renewing(_ channel: Channel) -> String? {
        guard let pressed = visit.pressed else { return visit.costly.contains(channel) ? nil : "now" }
        guard pressed.channel == channel, pressed.wait > .zero else { return nil }
        return String(max(Self.shortestPause, pressed.wait).secondsToWait)
    }

    /// The other channels, if switching is safe.
    var ways: CheckoutView.Ways? {
        let channels = visit.hasNumbersLeft ? visit.offerable : []
        let others: [Channel]
        var title: String? = texts.otherWays
        switch state {
        case .ready(let served): others = channels.filter { $0 != served.channel }
        case .choose(nil):
            others = channels.filter { $0 != visit.preferred }
            if visit.preferred == nil { title = nil }
        case .choose(let channel?), .renew(let channel), .moved(let channel, _):
            others = channels.filter { $0 != channel }
        case .unknown(let work) where work.isSafeToLeave: others = channels.filter { $0 != work.channel }
        case .unknown, .working, .timeUp, .paid, .closed, .expired: others = []
        }
        guard !others.isEmpty else { return nil }
        let choices = others.map { channel in
            let look = place.look(of: channel)
            return CheckoutView.Way(
                choice: channel.name, choiceName: look.name, mark: look.mark,
                choiceHref: visit.mustIdentify(at: channel) ? place.authorize(channel) : nil,
                choiceFlaw: channel == failed ? texts.failedWay : nil)
        }
        return .init(waysTitle: title, choices: choices)
    }

    /// The channel that the last press could not open.
    private var failed: Channel? {
        switch visit.news {
        case .refused, .unavailable: visit.wished
        case .tooOften, .tooMany, .unsafe, .busy, .unknown, nil: nil
        }
    }
}
