import PayCore
import PayProviders

/// The sandbox's books: its trades, and the faults that are still to happen. In memory: they end with the process.
///
/// Bookkeeping alone. The time is passed in, nothing waits, and nothing is sent.
public actor SandboxBooks {
    private var trades: [String: SandboxTrade] = [:]
    /// The trades' numbers, the oldest first.
    private var numbers: [String] = []
    private var faults = SandboxFaults()
    private let makeTransactionID: @Sendable () -> String

    public init(makeTransactionID: @escaping @Sendable () -> String = SandboxBooks.randomTransactionID) {
        self.makeTransactionID = makeTransactionID
    }

    /// A number for a payment that no other has had.
    public static func randomTransactionID() -> String {
        "sbx_" + String(UInt128.random(in: .min ... .max), radix: 36)
    }

    func trade(_ number: String) -> SandboxTrade? { trades[number] }

    func allTrades() -> [SandboxTrade] { numbers.compactMap { trades[$0] } }
}

// What providers' clients ask.
extension SandboxBooks {
    /// Opens a trade, or gives the one that is there: with the same particulars a number may be sent any number of times.
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

    func refund(_ asked: SandboxWire.Refund) -> RefundOutcome {
        switch query(SandboxWire.TradeName(channel: asked.channel, tradeNumber: asked.tradeNumber)) {
        case .failure(let code): return .refused(code)
        case .success(var trade):
            switch trade.refund(asked) {
            case .made:
                trades[trade.number] = trade
                return .made(trade)
            case .known: return .known
            case .refused(let code): return .refused(code)
            }
        }
    }

    enum RefundOutcome: Hashable, Sendable {
        case made(SandboxTrade)
        case known
        case refused(SandboxWire.Code)
    }

    func followRefund(_ asked: SandboxWire.Refund) -> SandboxWire.Code {
        switch query(SandboxWire.TradeName(channel: asked.channel, tradeNumber: asked.tradeNumber)) {
        case .failure: .noSuchRefund
        case .success(let trade): trade.knows(asked) ? .success : .noSuchRefund
        }
    }
}

// What the person with the page does.
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

    enum PayOutcome: Hashable, Sendable {
        /// With what is to go wrong with its notice.
        case paid(SandboxTrade, SandboxWire.Payment, NoticeTrouble?)
        case alreadyPaid(SandboxTrade)
        case over(SandboxTrade)
        case noSuchTrade
    }
}

// What is to go wrong.
extension SandboxBooks {
    func takeFault(for operation: SandboxWire.Operation, on channel: String) -> CallTrouble? {
        faults.take(for: operation, on: channel)
    }

    func setFaults(_ faults: SandboxFaults) {
        self.faults = faults
    }

    func faultsLeft() -> SandboxFaults { faults }
}
