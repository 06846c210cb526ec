import PayCore
import PayFlow

/// The choices of a seed before the world starts: the configuration of the service, and the rates of faults.
struct Setting {
    let rules: PayRules
    let repayMode: RepayMode
    let styles: [any ProviderStyle]
    let orders: Int
    /// How many service processes there may be at a time.
    let processes: Int
    let weather: Weather
    /// How often the clock's work is begun.
    let clockEvery: Duration
    /// The share of payments without a notice that the merchant's staff refund in the provider's console.
    let consoleRefunds: Double
    /// The share of paid orders that the merchant refunds.
    let refunds: Double
    /// The share of payments of another amount than the trade's.
    let wrongAmounts: Double
    /// The share of disputes that a person decides although they may end by themselves.
    let rulings: Double
    /// Whether the providers give out a bill of each day, and the service reads it.
    let hasBills: Bool
    /// When a day's bill is read, after the end of the day.
    let billsAt: Duration
    /// The shares of fetches that fail, and of bills that have a mistake at first.
    let billTroubles: Double
    let spoiltBills: Double
    /// Whether another system uses the same accounts.
    let hasStrangers: Bool
    /// How long before the end of a day the world begins.
    let beforeMidnight: Duration
    /// A channel whose account the service is told wrongly, and how long until that is put right.
    let misnamed: (channel: Channel, for: Duration)?
    /// How often an operator pauses a channel for a while.
    let pauses: Int
    /// Whether a careless merchant brings one key with many orders.
    let sharesKeys: Bool

    init(_ dice: Dice) {
        let timeout = dice.pick([.seconds(2), .seconds(5), .seconds(8), .seconds(15)] as [Duration])
        rules = PayRules(
            deadlines: Deadlines(policy: dice.pick(DeadlinePolicy.allCases), margin: .seconds(60)),
            switchPolicy: dice.chance(0.65) ? .allow : .strict, providerTimeout: timeout)
        repayMode = dice.chance(0.08) ? .provider : .cached
        let alipay: any ProviderStyle =
            repayMode == .cached && dice.chance(0.25) ? AlipayCodeStyle() : AlipayStyle()
        let wechat = WeChatStyle(usableFor: dice.duration(.seconds(60) ... .seconds(400)))
        let stripe = StripeStyle()
        styles =
            if repayMode == .provider {
                [alipay, wechat]
            } else {
                dice.weighted([
                    (5, [alipay, wechat, stripe] as [any ProviderStyle]), (3, [alipay, wechat]), (1, [wechat]),
                    (1, [wechat, stripe]), (1, [alipay]), (1, [alipay, stripe]),
                ])
            }
        orders = dice.int(6...20)
        processes = dice.chance(0.35) ? 2 : 1
        weather = Weather(dice)
        clockEvery = dice.pick([.seconds(1), .seconds(3), .seconds(10), .seconds(20)] as [Duration])
        consoleRefunds = dice.chance(0.5) ? dice.pick([0.3, 0.9]) : 0
        refunds = dice.weighted([(2, 0), (4, 0.3), (4, 0.8)])
        wrongAmounts = dice.chance(0.25) ? dice.pick([0.05, 0.4]) : 0
        rulings = dice.pick([0.2, 0.8])
        hasBills = dice.chance(0.4)
        billsAt = .seconds(10 * 3_600 + 1_800)
        billTroubles = dice.pick([0, 0.4])
        spoiltBills = dice.pick([0, 0, 0.5])
        hasStrangers = dice.chance(0.3)
        // The busy hour lies across midnight in half of the worlds with bills.
        beforeMidnight = dice.chance(0.5) ? dice.duration(.zero ... .seconds(2_400)) : .seconds(6 * 3_600)
        misnamed =
            dice.chance(0.15) ? (dice.pick(styles).channel, dice.duration(.seconds(30) ... .seconds(5_400))) : nil
        pauses = dice.weighted([(2, 0), (1, 1), (1, 3)])
        sharesKeys = dice.chance(0.3)
    }

    var description: String {
        let names = styles.map { "\($0.channel)" }.joined(separator: ", ")
        return "\(orders) orders over \(names); deadline \(rules.deadlines.policy), switch \(rules.switchPolicy), "
            + "repay \(repayMode), provider time-out \(rules.providerTimeout), processes \(processes), pauses \(pauses), "
            + "\(weather), console refunds \(consoleRefunds), refunds \(refunds), wrong amounts \(wrongAmounts), bills \(hasBills), "
            + (misnamed.map { "account of \($0.channel) wrong for \($0.for)" } ?? "accounts right")
    }
}

/// How rough a world is. All shares are of one call, message or await.
struct Weather: CustomStringConvertible {
    var crashes = 0.0
    var longestRestart = Duration.seconds(20)
    var stalls = 0.0
    var lostRequests = 0.0
    var lostAnswers = 0.0
    var garbledAnswers = 0.0
    var slowRequests = 0.0
    var duplicatedRequests = 0.0
    var refusals = 0.0
    /// Creates, and refunds, that are refused by codes which nobody knows. Half of them were done all the same.
    var unlistedCreates = 0.0
    var unlistedRefunds = 0.0
    /// Refunds that are refused because the merchant's balance is too low.
    var lowBalances = 0.0
    /// Refunds that are refused for good, that are closed after they were accepted, that come back after they arrived,
    /// and that wait for the balance.
    var refusedRefunds = 0.0
    var closedRefunds = 0.0
    var revokedRefunds = 0.0
    var heldRefunds = 0.0
    var lostNotices = 0.0
    var repeatedNotices = 0.0
    var lateNotices = 0.0
    /// Outages of a provider, and of the merchant's receiver, in this world.
    var outages = 0

    /// Nothing goes wrong any more.
    static let calm = Weather()

    private init() {}

    init(_ dice: Dice) {
        let roughness = dice.weighted([(1, 0.0), (4, 1.0), (3, 2.0), (2, 4.0)])
        crashes = dice.chance(0.65) ? roughness * dice.pick([0.001, 0.003, 0.01]) : 0
        longestRestart = dice.pick([.seconds(2), .seconds(20), .seconds(120)] as [Duration])
        stalls = roughness * dice.pick([0, 0.002, 0.01])
        lostRequests = roughness * 0.02
        lostAnswers = roughness * 0.03
        garbledAnswers = roughness * 0.02
        slowRequests = roughness * 0.05
        duplicatedRequests = roughness * 0.01
        refusals = roughness * 0.01
        unlistedCreates = roughness > 0 ? dice.weighted([(4, 0), (3, 0.02), (1, 0.3)]) : 0
        unlistedRefunds = roughness > 0 ? dice.weighted([(3, 0), (1, 0.1), (2, 0.9)]) : 0
        lowBalances = roughness > 0 ? dice.weighted([(3, 0), (1, 0.1), (1, 0.5)]) : 0
        refusedRefunds = roughness > 0 ? dice.weighted([(2, 0), (1, 0.1), (1, 0.4)]) : 0
        closedRefunds = roughness > 0 ? dice.weighted([(2, 0), (1, 0.1), (1, 0.4)]) : 0
        revokedRefunds = roughness > 0 ? dice.weighted([(2, 0), (1, 0.1), (1, 0.4)]) : 0
        heldRefunds = roughness > 0 ? dice.weighted([(2, 0), (1, 0.2)]) : 0
        lostNotices = dice.pick([0, 0.1, 0.3, 0.8])
        repeatedNotices = roughness * 0.1
        lateNotices = roughness * 0.1
        outages = roughness > 0 ? dice.weighted([(3, 0), (2, 1), (1, 2)]) : 0
    }

    /// The fate of a refund that is accepted now.
    func fate(_ dice: Dice, _ style: any ProviderStyle) -> RefundFate {
        let arriving = dice.chance(0.3) ? dice.duration(.seconds(1) ... .seconds(600)) : .zero
        if dice.chance(closedRefunds) { return .closes(after: dice.duration(.zero ... .seconds(600))) }
        if style.revokesRefunds, dice.chance(revokedRefunds) {
            return .comesBack(after: dice.duration(.seconds(1) ... .seconds(1_800)), arriving: arriving)
        }
        if dice.chance(heldRefunds) { return .isHeld(for: dice.duration(.seconds(1) ... .seconds(1_800))) }
        return .arrives(after: arriving)
    }

    var description: String {
        "crashes \(crashes), stalls \(stalls), lost \(lostRequests)/\(lostAnswers), notices lost \(lostNotices), "
            + "unknown codes \(unlistedCreates)/\(unlistedRefunds), low balances \(lowBalances), "
            + "refunds refused/closed/revoked \(refusedRefunds)/\(closedRefunds)/\(revokedRefunds), outages \(outages)"
    }
}
