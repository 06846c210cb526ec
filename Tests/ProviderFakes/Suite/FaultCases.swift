import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Every fault of every operation: the adapter's reading of it, and the recovery by a repeat.
extension ProviderSuite {
    static func faultCases(for traits: ProviderTraits) -> [Case] {
        FakeOperation.allCases.flatMap { operation in
            FakeFault.allCases.compactMap { fault -> Case? in
                guard let outcome = traits.outcome(of: .init(operation, fault)) else { return nil }
                return Case("\(operation): \(fault) comes to \(outcome)") { bench in
                    let trial = FaultTrial(bench: bench, fault: fault, outcome: outcome)
                    switch operation {
                    case .create: try await trial.create()
                    case .query: try await trial.query()
                    case .close: try await trial.close()
                    case .refund: try await trial.refund()
                    case .follow: try await trial.follow()
                    }
                }
            }
        }
    }
}

/// One call with a fault.
private struct FaultTrial {
    let bench: ProviderBench
    let fault: FakeFault
    let outcome: FaultOutcome

    /// The adapter that makes the faulty call.
    private var victim: any PaymentProvider { fault.isSilent ? bench.hastyProvider : bench.provider }

    func create() async throws {
        let request = bench.request()
        bench.fake.arm(fault, on: .create)
        #expect(await victim.create(request).faultOutcome == outcome)
        let begun = await bench.fake.trades.map(\.number)
        if !fault.isDone { #expect(begun == []) }
        guard bench.provider.terms.trades[request.terminal]?.numberMayBeAskedAgain == true else { return }
        bench.catchBreath()
        let trade = try await bench.make(request)
        try await bench.fake.open(trade.page, terminal: request.terminal)
        #expect(await bench.fake.trades.map(\.number) == [trade.number])
        #expect(await bench.provider.query(trade.reference) == .unpaid)
    }

    func query() async throws {
        let trade = try await bench.open()
        bench.fake.arm(fault, on: .query)
        #expect(await victim.query(trade.reference).faultOutcome == outcome)
        bench.catchBreath()
        #expect(await bench.provider.query(trade.reference) == .unpaid)
    }

    func close() async throws {
        let trade = try await bench.open()
        bench.fake.arm(fault, on: .close)
        #expect(await victim.close(trade.reference).faultOutcome == outcome)
        bench.catchBreath()
        #expect(await bench.provider.query(trade.reference) == (fault.isDone ? .closed : .unpaid))
        if !fault.isDone { #expect(await bench.provider.close(trade.reference) == .accepted) }
        #expect(await bench.provider.query(trade.reference) == .closed)
    }

    func refund() async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt)
        bench.fake.arm(fault, on: .refund)
        #expect(await victim.refund(refund).faultOutcome == outcome)
        bench.catchBreath()
        #expect(await bench.fake.trade(trade.number)?.refunded == (fault.isDone ? receipt.amount : 0))
        #expect(await bench.provider.follow(refund).withoutTime == (fault.isDone ? bench.refundTaken : .noSuchRefund))
        let again = await bench.provider.refund(refund)
        #expect(again.isTaken, "\(again)")
        #expect(await bench.fake.trade(trade.number)?.refunds.map(\.amount) == [receipt.amount])
        try await bench.fake.finishRefund(refund.number)
        #expect(await bench.provider.follow(refund).withoutTime == .succeeded())
    }

    func follow() async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt)
        #expect(await bench.provider.refund(refund).withoutTime == bench.refundTaken)
        bench.fake.arm(fault, on: .follow)
        #expect(await victim.follow(refund).faultOutcome == outcome)
        bench.catchBreath()
        bench.fake.arm(fault, on: .follow)
        let found = await victim.findRefund(refund.number, of: trade.reference, payment: receipt.transactionID)
        #expect(found.faultOutcome == outcome)
        bench.catchBreath()
        #expect(await bench.provider.follow(refund).withoutTime == bench.refundTaken)
        #expect(await bench.fake.trade(trade.number)?.refunds.count == 1)
    }
}

extension CreateAnswer {
    fileprivate var faultOutcome: FaultOutcome {
        switch self {
        case .made: .goesWell
        case .refused: .refused
        case .notSent: .notSent
        case .unknown(let doubt): .unknown(doubt.reason.text, isUnanswered: doubt.isUnanswered)
        case .alreadyPaid, .alreadyClosed: .other
        }
    }
}

extension QueryAnswer {
    fileprivate var faultOutcome: FaultOutcome {
        switch self {
        case .unpaid: .goesWell
        case .noSuchTrade: .noSuchTrade
        case .unknown(let doubt): .unknown(doubt.reason.text, isUnanswered: doubt.isUnanswered)
        case .paid, .closed: .other
        }
    }
}

extension CloseAnswer {
    fileprivate var faultOutcome: FaultOutcome {
        switch self {
        case .accepted: .goesWell
        case .refused: .refused
        case .tooEarly: .tooEarly
        case .noSuchTrade: .noSuchTrade
        case .unknown(let doubt): .unknown(doubt.reason.text, isUnanswered: doubt.isUnanswered)
        case .alreadyPaid: .other
        }
    }
}

extension RefundAnswer {
    fileprivate var faultOutcome: FaultOutcome {
        switch self {
        case .succeeded, .submitted: .goesWell
        case .refused, .closed: .refused
        case .unknown(let doubt): .unknown(doubt.reason.text, isUnanswered: doubt.isUnanswered)
        case .noSuchRefund, .held: .other
        }
    }
}

extension ForeignRefundAnswer {
    fileprivate var faultOutcome: FaultOutcome {
        switch self {
        case .found: .goesWell
        case .unknown(let doubt): .unknown(doubt.reason.text, isUnanswered: doubt.isUnanswered)
        case .noSuchRefund: .other
        }
    }
}
