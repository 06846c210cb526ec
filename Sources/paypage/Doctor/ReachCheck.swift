import PayCore
import PayFlow
import PayProviders

/// Checks that an address answers, and compares its clock. It sends a plain GET, which changes nothing.
struct ReachCheck {
    /// Two clocks differ by some seconds, and a network adds some more.
    static let smallSkew = Duration.seconds(30)
    /// With a larger difference WeChat Pay rejects our signatures, and we reject the notices of WeChat Pay and Stripe.
    static let largeSkew = Duration.seconds(300)

    let subject: String
    let url: String
    let transport: any ProviderTransport
    let clock: any PayClock

    func findings() async -> [Finding] {
        let sentAt = clock.now()
        do throws(TransportError) {
            let reply = try await transport.send(ProviderRequest(method: .get, url: url))
            let answeredAt = clock.now()
            let middle = sentAt + (answeredAt - sentAt) / 2
            let reach = Finding.ok("\(subject) reach", "\(host) answers (HTTP \(reply.status))")
            let theirs = reply.header("Date").flatMap(CivilTime.init(httpDate:))?.instant
            return [reach] + [skew(theirs, at: middle)].compactMap { $0 }
        } catch {
            return [.failure("\(subject) reach", "\(host) does not answer: \(error)", remedy: remedy(error.reason))]
        }
    }

    /// The address without its path and query, which may contain a key.
    private var host: String {
        url.prefix { $0 != "?" }.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).prefix(2).joined(
            separator: "//")
    }

    /// The header has whole seconds, so half a second is added for the average.
    private func skew(_ theirs: Instant?, at ours: Instant) -> Finding? {
        guard let theirs else { return nil }
        let ahead = ours - (theirs + .milliseconds(500))
        let size = ahead < .zero ? .zero - ahead : ahead
        let words =
            "this machine's clock is \(size.wholeSeconds) s \(ahead < .zero ? "behind" : "ahead of") the provider's"
        let remedy = "synchronise the clock by NTP (timedatectl set-ntp true)"
        if size > Self.largeSkew { return .failure("\(subject) clock", words, remedy: remedy) }
        if size > Self.smallSkew { return .warning("\(subject) clock", words, remedy: remedy) }
        return .ok("\(subject) clock", words)
    }

    private func remedy(_ reason: TransportError.Reason) -> String {
        switch reason {
        case .couldNotResolve: "check the host name, and the DNS of this machine"
        case .couldNotConnect, .connectTimedOut, .timedOut, .connectionBroken:
            "check the address, and that the firewall allows outgoing connections; no proxy is used"
        case .tlsNotTrusted: "check the address and the clock, and install the CA certificates of this system"
        case .tlsFailed: "check that the address supports https with TLS 1.2 or later"
        case .badURL, .badHeader, .schemeNotAllowed, .malformedAnswer, .answerTooLarge, .other: "check the address"
        case .cancelled, .shutDown, .leftAlone, .tooManyCalls: "run paypage doctor again"
        }
    }
}
