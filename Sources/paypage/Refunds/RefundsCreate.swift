public import ArgumentParser
import Foundation
import PayAPI
public import PayCore
import PayFlow
import PayProviders

/// `paypage refunds create`.
struct RefundsCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Refunds the payment of an order, in full or in part.",
        discussion: """
            Without --amount, all that is left is refunded. Use --refund-no for a command that may run twice: the same \
            number with the same values is one refund. Works while the service runs: it calls the provider within a \
            second. Reads database.url and the names of the channels from the settings.
            """)

    @Argument(help: "The order's out_trade_no.")
    var order: OrderNumber

    @Option(help: "The amount in minor units; the default is all that is left.")
    var amount: Int64?

    @Option(help: "The shop's own number, 1 to 32 of 0-9, A-Z, a-z and _, unique in the order.")
    var refundNo: RefundNumber?

    @Option(help: "The reason, up to 80 characters. The buyer may see it.")
    var reason: RefundReason?

    @Option(help: "Refund only if this amount is left, in minor units.")
    var refundable: Int64?

    @Option(help: "An idempotency key; the default is random. The keys are the API's.")
    var key: IdempotencyKey?

    @OptionGroup var author: AuthorOptions

    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings.")
    var config: String?

    func validate() throws {
        guard amount.map({ (1...Money.largestAmount).contains($0) }) ?? true else {
            throw ValidationError("--amount must be 1 to \(Money.largestAmount), in minor units")
        }
        guard refundable.map({ (0...Money.largestAmount).contains($0) }) ?? true else {
            throw ValidationError("--refundable must be 0 to \(Money.largestAmount), in minor units")
        }
    }

    func run() async throws {
        guard let key = key ?? IdempotencyKey(RandomSecret.make()) else {
            throw CommandFailure("no random idempotency key: pass --key")
        }
        let actor = try author.actor()
        let result = try await CommandDatabase.with(config: config) { try await request(under: key, by: actor, in: $0) }
        let (refund, of, isNews) = try stored(result)
        output.print(
            text: isNews
                ? "\(refund.providerNumber): \(refund.money) queued; the service refunds it once it runs with its channel"
                : "\(refund.providerNumber): \(refund.money) was requested before, and is \(refund.state.rawValue)",
            json: RefundListJSON.Entry(refund, of: of))
    }

    private func request(
        under key: IdempotencyKey, by actor: Actor, in store: any Store
    ) async throws -> RefundResult {
        let channels = try ChannelNames.configured(config: config)
        let kinds = try await store.channelKinds()
        let request = RequestRefund(reads: store, decisions: store, clock: SystemClock()) { channel in
            guard let named = channels.first(where: { $0.channel == channel }) else { return nil }
            let kind = kinds[channel] ?? named.kind
            return kind == .wechat ? WeChatPayProvider.refundTerms : .unlimited
        }
        let wish = RefundWish(number: refundNo, amount: amount, reason: reason, refundable: refundable)
        return try await request(wish, of: order, under: KeyUse(key, of: wish, for: order), by: actor)
    }

    private func stored(_ result: RefundResult) throws(CommandFailure) -> (Refund, Order, isNews: Bool) {
        switch result {
        case .stored(let refund, let order, let isNews, let isReplay): return (refund, order, isNews && !isReplay)
        case .noSuchOrder: throw CommandFailure("no order \(order): check the number and database.url")
        case .keyReused: throw CommandFailure("--key was used for another refund: use a new key")
        case .channelMissing(let channel):
            throw CommandFailure(
                "order \(order) was paid by channel \(channel), which is not configured here: use the service's settings "
                    + "(beside serve --dev: PAYPAGE_SANDBOX_ENABLED=true)")
        case .refused(let refusal): throw CommandFailure(words(for: refusal))
        }
    }

    private func words(for refusal: RefundRefusal) -> String {
        switch refusal {
        case .mismatch:
            "order \(order) has another refund with this --refund-no: use a new number, or its amount and reason"
        case .reservedNumber: "--refund-no has the form of a number made by Paypage: choose another"
        case .notPaid(let state): "order \(order) is \(state.rawValue), and no payment pays it: nothing can be refunded"
        case .amountChanged(let left): "\(left) minor units are left to refund, which is not --refundable"
        case .tooMuch(let left): "\(left) minor units are left to refund: pass an --amount up to that"
        case .tooMany(let limit, let left):
            "the provider takes at most \(limit) refunds of one payment: refund the \(left) minor units that are left "
                + "in its console"
        }
    }
}

extension RefundNumber: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension RefundReason: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension IdempotencyKey: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
