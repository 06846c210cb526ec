import Testing

@testable import PayCore

/// Refunds that a provider refuses with its own codes, or because of the merchant's balance.
@Suite struct `A refund that is refused` {
    private static let refundNumber = "\(first)_r1"

    private func start(
        _ state: RefundState = .pending, wasSubmitted: Bool = false, refusedTries: RefusedTries? = nil,
        createdAt: Instant = noon
    ) -> Order {
        let refund = Refund(
            number: Self.refundNumber, tradeNumber: first, transactionID: TransactionID("tx-1")!, money: yuan,
            cause: .duplicate, state: state, createdAt: createdAt, askAt: noon, wasSubmitted: wasSubmitted,
            refusedTries: refusedTries)
        return Order(
            number: number, userID: UserID("user-7")!, money: yuan, subject: Subject("two cups")!, returnURL: nil,
            createdAt: createdAt, deadline: at(1_800), state: .closed(at: noon), fence: Fence(3),
            attempts: [attempt(first, .paid)], refunds: [refund])
    }

    private func error(_ weight: ProviderError.Weight, _ code: String = "USER_ACCOUNT_ABNORMAL") -> RefundAnswer {
        .unknown(.answered(.code(ProviderError(code: code, weight: weight))))
    }

    @Test func `a refund needs attention at the fifth refusal with an unknown code, with one event`() {
        var order = start()
        for second in [0, 10, 20, 40] {
            #expect(order.finishRefund(Self.refundNumber, error(.refusal), at: at(second)) == .stays)
            #expect(order.refunds[0].state == .pending && order.newEvents == [])
        }
        #expect(order.finishRefund(Self.refundNumber, error(.refusal), at: at(80)) == .moved(.needsAttention))
        #expect(order.finishRefund(Self.refundNumber, error(.refusal), at: at(160)) == .stays)
        #expect(order.newEvents.map(\.kind) == [.refundNeedsAttention])
        #expect(order.newEvents[0].providerCode == "USER_ACCOUNT_ABNORMAL")
        #expect(order.newEvents[0].transactionID?.text == "tx-1" && order.newEvents[0].at == at(80))
        #expect(order.refunds[0].refusedTries == RefusedTries(count: 6, since: noon))
        #expect(order.refunds[0].askAt == at(320), "it is asked for all the same, ever more rarely")
    }

    @Test func `a refund needs attention after an hour of refusals, however few`() {
        var order = start(refusedTries: RefusedTries(count: 1, since: noon))
        #expect(order.finishRefund(Self.refundNumber, error(.refusal), at: at(3_600) - millisecond) == .stays)
        #expect(order.finishRefund(Self.refundNumber, error(.refusal), at: at(3_600)) == .moved(.needsAttention))
    }

    @Test func `a refund needs attention at once if the merchant's balance is too low`() {
        var order = start()
        let low = error(.balance, "NOT_ENOUGH")
        #expect(order.finishRefund(Self.refundNumber, low, at: at(0)) == .moved(.needsAttention))
        #expect(order.newEvents.map(\.providerCode) == ["NOT_ENOUGH"])
        #expect(order.refunds[0].providerCode == "NOT_ENOUGH")
    }

    @Test func `a refund that the provider accepted and holds back needs attention, and is queried`() {
        var order = start()
        let held = RefundAnswer.held(ProviderError(code: "insufficient_funds"))
        #expect(order.finishRefund(Self.refundNumber, held, at: at(0)) == .moved(.needsAttention))
        let step = order.beginRefund(Self.refundNumber, rules: rules(), at: at(10))
        guard case .follow = step else {
            Issue.record("\(step)")
            return
        }
        #expect(order.finishRefund(Self.refundNumber, held, at: at(10)) == .stays)
        #expect(order.newEvents.count == 1)
    }

    @Test(arguments: [
        RefundAnswer.unknown(.answered(.code(ProviderError(code: "SYSTEM_ERROR")))), .unknown(.answered(.signature)),
        .unknown(.unanswered(.timeout)), .noSuchRefund,
    ])
    func `a refund that was not refused needs no attention`(_ answer: RefundAnswer) {
        var order = start()
        for hour in 0..<20 {
            #expect(order.finishRefund(Self.refundNumber, answer, at: at(3_600 * hour)) == .stays)
        }
        #expect(order.refunds[0].state == .pending && order.refunds[0].refusedTries == nil)
        #expect(order.newEvents == [])
    }

    @Test func `a refund's refusals are counted anew after the provider accepted it`() {
        var order = start(refusedTries: RefusedTries(count: 4, since: noon))
        #expect(order.finishRefund(Self.refundNumber, .submitted, at: at(10)) == .moved(.submitted))
        #expect(order.refunds[0].refusedTries == nil && order.refunds[0].wasSubmitted)
        #expect(order.finishRefund(Self.refundNumber, error(.refusal), at: at(9_999)) == .stays)
    }

    @Test(
        arguments: [
            (RefundAnswer.succeeded(), RefundState.succeeded, OrderEvent.Kind.refundSucceeded),
            (.refused(reason: "NO"), .failed, .refundFailed), (.closed(reason: "NO"), .failed, .refundFailed),
            (.submitted, .submitted, nil),
        ] as [(RefundAnswer, RefundState, OrderEvent.Kind?)])
    func `a refund that needs attention moves on like one in any other state`(
        _ answer: RefundAnswer, _ state: RefundState, _ event: OrderEvent.Kind?
    ) {
        var order = start(.needsAttention, refusedTries: RefusedTries(count: 5, since: noon))
        #expect(order.finishRefund(Self.refundNumber, answer, at: at(40)) == .moved(state))
        #expect(order.newEvents.map(\.kind) == [event].compactMap { $0 })
    }

    @Test(arguments: [false, true])
    func `a refund that needs attention is requested, or queried if it was accepted before`(
        _ wasSubmitted: Bool
    ) {
        var order = start(.needsAttention, wasSubmitted: wasSubmitted)
        let request = RefundRequest(order.refunds[0], of: yuan)
        let step = order.beginRefund(Self.refundNumber, rules: rules(), at: noon)
        #expect(step == (wasSubmitted ? .follow(request, sandbox) : .submit(request, sandbox)))
    }

    @Test func `a manual retry of a refund calls the provider at once, without a second event`() {
        var order = start(.needsAttention, refusedTries: RefusedTries(count: 5, since: noon))
        let isAsked = order.retryRefund(Self.refundNumber, at: at(7))
        #expect(isAsked == .queued)
        #expect(order.refunds[0].askAt == at(7) && order.refunds[0].state == .needsAttention)
        #expect(order.finishRefund(Self.refundNumber, error(.refusal), at: at(7)) == .stays)
        #expect(order.newEvents == [])
    }
}
