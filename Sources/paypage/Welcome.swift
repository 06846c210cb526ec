import PayCore

/// The text that `serve --dev` prints: the address, the generated keys, and the calls to try.
struct Welcome {
    /// A page that lives longer is not waited for in the printed calls.
    private static let longestWait = Duration.seconds(60)

    let settings: Settings
    let port: Int
    let now: Instant

    var text: String {
        """

        Paypage trial: \(moneyWords)

          address        \(address)
          database       \(settings.database.address)
          channels       \(channels)
        \(keys)
        Four calls to try, in this order:

        1. A first pay: the provider is called, its page is stored.
        \(call("payments", firstPay, key: true))

        2. A repay from the phone: the same page, and no provider call.
        \(call("payments/\(order)/repay", #"{"channel":"\#(channel)","terminal":"h5"}"#))

        3. A repay after the page has expired: the provider is called again. \(pageHint)
        \(pageWait)\(call("payments/\(order)/repay", #"{"channel":"\#(channel)","terminal":"h5"}"#))

        4. A repay after the order's deadline: refused.
        sleep \(orderWait.secondsToWait); \(call("payments/\(order)/repay", "{}"))

        In a browser: open the checkout_url of the answer to call 1 (use another out_trade_no there).

        The sandbox's trades: curl -s \(address)/sandbox/trades
        """
    }

    private var address: String { settings.publicURL.text(listeningOn: port) }

    private var realChannels: [String] { settings.realChannels.map(\.name) }

    private var channels: String { settings.accounts.map(\.channel.name).joined(separator: ", ") }

    /// The first channel of the sandbox.
    private var sandbox: (channel: Channel, particulars: Settings.Sandbox)? {
        for account in settings.accounts {
            if case .sandbox(let sandbox) = account.provider { return (account.channel, sandbox) }
        }
        return nil
    }

    private var moneyWords: String {
        realChannels.isEmpty
            ? "the provider is a sandbox; no money moves."
            : "\(realChannels.joined(separator: ", ")) may move real money, the sandbox moves none."
    }

    private var order: String { "demo_\(now.milliseconds / 1_000)" }

    private var channel: String { sandbox?.channel.name ?? "sandbox" }

    private var keys: String {
        settings.generated.map { made in
            "  \(made.key.name.padded(to: 14)) \(made.secret.reveal())   (generated for this run)\n"
        }.joined()
    }

    /// A key that was generated for this run; a configured key is replaced by a placeholder.
    private var shownKey: String {
        settings.generated.first { $0.key == .apiKeys }?.secret.reveal() ?? "$KEY"
    }

    private var firstPay: String {
        """
        {"out_trade_no":"\(order)","user_id":"u1","amount":9900,"currency":"CNY","subject":"A book",\
        "channel":"\(channel)","terminal":"pc","expires_in":\(orderLife.wholeSeconds)}
        """
    }

    private var pageTTL: Duration { sandbox?.particulars.pageTTL ?? .seconds(7_200) }

    private var pageIsWaitedFor: Bool { pageTTL <= Self.longestWait }

    private var pageHint: String {
        pageIsWaitedFor
            ? "" : "(Pages live \(pageTTL.wholeSeconds) s: start with PAYPAGE_SANDBOX_PAGE_TTL=20s to see this call.)"
    }

    private var pageWait: String { pageIsWaitedFor ? "sleep \(pageTTL.secondsToWait); " : "" }

    /// Long enough for the third call, and short enough to see the order expire.
    private var orderLife: Duration {
        let forCalls = Duration.seconds(60) + (pageIsWaitedFor ? pageTTL : .zero)
        let life = settings.deadlines.policy == .reserve ? forCalls + settings.deadlines.margin : forCalls
        return .seconds((life + settings.provider.timeout).secondsToWait)
    }

    private var orderWait: Duration {
        let cutOff = settings.deadlines.policy == .reserve ? orderLife - settings.deadlines.margin : orderLife
        return pageIsWaitedFor ? cutOff - pageTTL : cutOff
    }

    private func call(_ path: String, _ body: String, key: Bool = false) -> String {
        let idempotency = key ? " -H 'Idempotency-Key: \(order)'" : ""
        return """
            curl -si \(address)/v1/\(path) -H "Authorization: Bearer \(shownKey)"\(idempotency) \
            -H 'Content-Type: application/json' -d '\(body)'
            """
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
