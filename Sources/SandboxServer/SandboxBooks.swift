import PayCore
import PayProviders

/// The sandbox's books: its trades and pending faults. They are in memory and end with the process.
///
/// The books only record. Time is an argument; nothing waits or sends here.
public actor SandboxBooks {
    private var trades: [String: SandboxTrade] = [:]
    /// The numbers of the trades, oldest first.
    private var numbers: [String] = []
    private var faults = SandboxFaults()
    private let makeTransactionID: @Sendable () -> String

    public init(makeTransactionID: @escaping @Sendable () -> String = SandboxBooks.randomTransactionID) {
        self.makeTransactionID = makeTransactionID
    }

    /// A random, unused transaction id.
    public static func randomTransactionID() -> String {
        "sbx_" + String(UInt128.random(in: .min ... .max), radix: 36)
    }

    func trade(_ number: String) -> SandboxTrade? { trades[number] }

    func allTrades() -> [SandboxTrade] { numbers.compactMap { trades[$0] } }
}

// Operations for providers' clients.
extension SandboxBooks {
    /// Creates a trade or returns the existing one. The same number may be repeated with the same parameters.
    func create(_ asked: SandboxWire.TradeParticulars, at now: Instant) -> Result<SandboxTrade, SandboxWire.Code> {
        guard var trade = trades[asked.tradeNumber] ?? SandboxTrade(asked) else { return .failure(.invalidParameter) }
        let code = trade.open(asked, at: now)
        guard code == .success else { return .failure(code) }
        if trades.updateValue(trade, forKey: trade.number) == nil { numbers.append(trade.number) }
        return .success(trade)
    }

    func query(_ name: SandboxWire.TradeName) -> Result<SandboxTrade, SandboxWire.Code> {
        guard let trade = trades[name.tradeNumber], trade.particulars.channel == name.channel else {
            return .failure(.noSuchTrade)
        }
        return .success(trade)
    }

    func close(_ name: SandboxWire.TradeName, at now: Instant) -> SandboxWire.Code {
        switch query(name) {
        case .failure(let code): return code
        case .success(var trade):
            let code = trade.close(at: now)
            trades[trade.number] = trade
            return code
        }
    }

    func refund(_ asked: SandboxWire.Refund, at now: Instant) -> RefundOutcome {
        switch query(SandboxWire.TradeName(channel: asked.channel, tradeNumber: asked.tradeNumber)) {
        case .failure(let code): return .refused(code)
        case .success(var trade):
            switch trade.refund(asked, at: now) {
            case .made(let refund):
                trades[trade.number] = trade
                return .made(trade, refund)
            case .known(let refund): return .known(trade, refund)
            case .refused(let code): return .refused(code)
            }
        }
    }

    enum RefundOutcome: Hashable, Sendable {
        case made(SandboxTrade, SandboxRefund)
        case known(SandboxTrade, SandboxRefund)
        case refused(SandboxWire.Code)
    }

    /// Nil if there is no such refund of that payment.
    func followRefund(_ name: SandboxWire.RefundName) -> (trade: SandboxTrade, refund: SandboxRefund)? {
        switch query(SandboxWire.TradeName(channel: name.channel, tradeNumber: name.tradeNumber)) {
        case .failure: nil
        case .success(let trade): trade.refund(name).map { (trade, $0) }
        }
    }
}

// Operations for the person with the page.
extension SandboxBooks {
    func pay(_ number: String, atThePrompt: Bool = false, at now: Instant) -> PayOutcome {
        guard var trade = trades[number] else { return .noSuchTrade }
        switch trade.pay(atThePrompt: atThePrompt, numberedBy: makeTransactionID, at: now) {
        case .paid(let payment):
            trades[number] = trade
            return .paid(trade, payment, faults.takeForNotice(on: trade.particulars.channel))
        case .alreadyPaid: return .alreadyPaid(trade)
        case .over: return .over(trade)
        }
    }

    /// Refunds a part of a trade, or all that is left, as a person in the sandbox's console.
    func refundByHand(_ number: String, amount: Int64?, at now: Instant) -> HandRefund {
        guard var trade = trades[number] else { return .noSuchTrade }
        let refundNumber = "\(number)_sbx\(trade.refunds.count + 1)"
        guard let refund = trade.refundByHand(amount, numbered: refundNumber, at: now) else { return .refused(trade) }
        trades[number] = trade
        return .made(trade, refund)
    }

    enum HandRefund: Hashable, Sendable {
        case made(SandboxTrade, SandboxRefund)
        /// The trade has not so much money.
        case refused(SandboxTrade)
        case noSuchTrade
    }

    enum PayOutcome: Hashable, Sendable {
        /// With the fault for its notice.
        case paid(SandboxTrade, SandboxWire.Payment, NoticeTrouble?)
        case alreadyPaid(SandboxTrade)
        case over(SandboxTrade)
        case noSuchTrade
    }
}

// Faults.
extension SandboxBooks {
    func takeFault(for operation: SandboxWire.Operation, on channel: String) -> CallTrouble? {
        faults.take(for: operation, on: channel)
    }

    func setFaults(_ faults: SandboxFaults) {
        self.faults = faults
    }

    func faultsLeft() -> SandboxFaults { faults }
}
