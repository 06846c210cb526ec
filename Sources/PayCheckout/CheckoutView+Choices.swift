import PayCore
import QRDrawing

// What there is to do in each state.
extension CheckoutDrawing {
    /// After a refusal that passes, nothing is tried again sooner than this.
    private static let shortestPause = Duration.seconds(5)

    func show(_ served: ServedPage, in view: inout CheckoutView) {
        let page = served.page
        let name = texts.name(of: served.channel)
        switch page.kind {
        case .qr:
            view.code = (try? QRCode(page.content)).map { .init(svg: $0.svg(label: texts.codeLabel(name))) }
            view.fresh = served.channel.name
        case .html:
            let query: [CheckoutView.Field] = [
                .init(field: "channel", value: served.channel.name),
                .init(field: "terminal", value: visit.terminal.rawValue),
            ]
            view.open = opening(place.page(query), name)
        case .redirect:
            view.open = SafeLink(page.content).map { opening($0.url, name) }
        case .sdk where visit.terminal == .jsapi:
            view.invoke = .init(parameters: page.content, invokeLabel: texts.invokeButton(name))
        case .sdk:
            view.appParameters = page.content
        }
    }

    /// On a desktop the page stays where it is, and tells when the order is paid.
    private func opening(_ href: String, _ name: String) -> CheckoutView.Opening {
        .init(href: href, newTab: visit.terminal == .pc, openLabel: texts.openButton(name))
    }

    /// The one thing to do next, where there is one.
    var primary: CheckoutView.Primary? {
        switch state {
        case .choose(let channel?):
            // A phone that was handed the link, and nobody who was sent here by a link of this page or a shop's.
            let goesOn = visit.pressed == nil && visit.isTerminalSeen
            return primary(channel, texts.goOnButton(texts.name(of: channel)), auto: goesOn ? "once" : nil)
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
        case .ready, .choose(nil), .moved, .timeUp, .paid, .closed, .expired:
            return nil
        }
    }

    private func primary(
        _ channel: Channel, _ label: String, auto: String?, isHidden: Bool = false, weight: String = "main"
    ) -> CheckoutView.Primary {
        .init(primaryChannel: channel.name, primaryLabel: label, auto: auto, isHidden: isHidden, weight: weight)
    }

    /// What was refused is not asked for by itself, unless the refusal passes; and never another channel than the one
    /// that was wanted.
    private func renewing(_ channel: Channel) -> String? {
        guard let pressed = visit.pressed else { return visit.costly.contains(channel) ? nil : "now" }
        guard pressed.channel == channel, pressed.wait > .zero else { return nil }
        return String(max(Self.shortestPause, pressed.wait).secondsToWait)
    }

    /// The other channels, where it is safe to go to one.
    var ways: CheckoutView.Ways? {
        let channels = visit.hasNumbersLeft ? visit.offerable : []
        let others: [Channel]
        var title: String? = texts.otherWays
        switch state {
        case .ready(let served): others = channels.filter { $0 != served.channel }
        case .choose(nil):
            others = channels
            title = nil
        case .choose(let channel?), .renew(let channel), .moved(let channel, _):
            others = channels.filter { $0 != channel }
        case .unknown(let work) where work.isSafeToLeave: others = channels.filter { $0 != work.channel }
        case .unknown, .working, .timeUp, .paid, .closed, .expired: others = []
        }
        guard !others.isEmpty else { return nil }
        let choices = others.map { channel in
            let name = texts.name(of: channel)
            return CheckoutView.Way(choice: channel.name, choiceName: name, choiceInitial: name.initial)
        }
        return .init(waysTitle: title, choices: choices)
    }
}

extension CheckoutTexts {
    /// A channel as its payers know it.
    func name(of channel: Channel) -> String {
        switch channel.name {
        case "alipay": alipay
        case "wechat": wechat
        case "stripe": stripe
        case "sandbox": sandbox
        default: channel.name
        }
    }
}
