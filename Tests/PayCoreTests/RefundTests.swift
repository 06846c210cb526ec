import Testing

@testable import PayCore

@Suite struct `A refund moves by its table` {
    private static let refundNumber = "\(first)_r1"

    private func start(_ state: RefundState, askAt: Instant? = at(30)) -> Order {
        let refund = Refund(
            number: Self.refundNumber, tradeNumber: first, transactionID: TransactionID("tx-1")!, money: yuan,
            cause: .duplicate, state: state, createdAt: noon, askAt: state.isUnderWay ? askAt : nil)
        return Order(
            number: number, userID: UserID("user-7")!, money: yuan, subject: Subject("two cups")!, returnURL: nil,
            createdAt: noon, deadline: at(1_800), state: .closed(at: noon), fence: Fence(3),
            attempts: [attempt(first, .paid)],
            receipts: [
                RecordedReceipt(
                    receipt: receipt(), standing: .late, recordedAt: noon)
            ],
            refunds: [refund])
    }

    /// The next state of a pending refund, and of a submitted one, for each answer.
    static let answers: [(RefundAnswer, pending: RefundState, submitted: RefundState)] = [
        (.succeeded(), .succeeded, .succeeded), (.submitted, .submitted, .submitted),
        (.refused(reason: "NO"), .failed, .failed), (.closed(reason: "CLOSED"), .failed, .failed),
        (.noSuchRefund, .pending, .submitted),
        (.unknown(.answered), .pending, .submitted), (.unknown(.unanswered), .pending, .submitted),
    ]

    @Test(arguments: answers, RefundState.allCases)
    func `an answer moves a refund by its table`(
        row: (RefundAnswer, pending: RefundState, submitted: RefundState), state: RefundState
    ) {
        // Given
        var order = start(state)
        _ = order.beginRefund(Self.refundNumber, rules: rules(), at: at(30))

        // When
        let outcome = order.finishRefund(Self.refundNumber, row.0, at: at(40))

        // Then
        let next: RefundState =
            switch state {
            case .pending: row.pending
            case .submitted: row.submitted
            case .needsAttention: row.pending == .pending ? .needsAttention : row.pending
            // A reported success is believed even for a failed refund.
            case .failed: row.0 == .succeeded() ? .succeeded : .failed
            case .succeeded: .succeeded
            }
        #expect(order.refunds[0].state == next)
        #expect(outcome == (next == state ? .stays : .moved(next)))
        let events: [OrderEvent.Kind] =
            switch next {
            case .succeeded where state != next: [.refundSucceeded]
            case .failed where state != next: [.refundFailed]
            case .pending, .submitted, .needsAttention, .succeeded, .failed: []
            }
        #expect(order.newEvents.map(\.kind) == events)
        #expect(order.newEvents.allSatisfy { $0.tradeNumber == first && $0.transactionID?.text == "tx-1" })
        #expect(order.refunds[0].askAt == (next.isUnderWay ? at(80) : nil))
        #expect(order.state == .closed(at: noon) && order.fence == Fence(3))
        if state == next, !state.isUnderWay { #expect(order == start(state)) }
    }

    @Test(arguments: RefundState.allCases) func `a due refund is claimed once`(
        state: RefundState
    ) {
        // Given
        var order = start(state)
        let asked = order.refunds[0]

        // When
        let early = order.beginRefund(Self.refundNumber, rules: rules(), at: at(30) - millisecond)
        let due = order.beginRefund(Self.refundNumber, rules: rules(), at: at(30))

        // Then
        #expect(early == .nothing)
        switch state {
        case .pending: #expect(due == .submit(RefundRequest(asked, of: yuan), sandbox))
        case .submitted: #expect(due == .follow(RefundRequest(asked, of: yuan), sandbox))
        case .needsAttention: #expect(due == .submit(RefundRequest(asked, of: yuan), sandbox))
        case .succeeded, .failed: #expect(due == .nothing && order == start(state))
        }
        if state.isUnderWay {
            #expect(order.refunds[0].askAt == at(60) && order.refunds[0].state == state)
            let twice = order.beginRefund(Self.refundNumber, rules: rules(), at: at(60) - millisecond)
            let again = order.beginRefund(Self.refundNumber, rules: rules(), at: at(60))
            #expect(twice == .nothing && again != .nothing)
        }
    }

    @Test func `a refund is retried under the same number, ever more rarely, at least once an hour`() {
        var order = start(.pending, askAt: noon)
        var seconds: [Int64] = []
        while let askAt = order.refunds[0].askAt, askAt < at(20_000) {
            seconds.append(askAt.second)
            #expect(order.beginRefund(Self.refundNumber, rules: rules(), at: askAt) != .nothing)
            _ = order.finishRefund(Self.refundNumber, .unknown(.answered), at: askAt)
        }
        #expect(seconds == [0, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 8_720, 12_320, 15_920, 19_520])
    }

    @Test(arguments: answers, RefundState.allCases)
    func `a notice of a refund is believed if it reports success; otherwise the refund is queried`(
        row: (RefundAnswer, pending: RefundState, submitted: RefundState), state: RefundState
    ) {
        // Given
        var order = start(state, askAt: at(9_999))

        // When
        let outcome = order.hearOfRefund(Self.refundNumber, row.0, from: sandbox, at: at(40))

        // Then
        if state == .succeeded, row.0 == .refused(reason: "NO") || row.0 == .closed(reason: "CLOSED") {
            #expect(outcome == .stays && order.refunds[0].state == .succeeded && order.refunds[0].askAt == at(40))
        } else if state == .succeeded || (state == .failed && row.0 != .succeeded()) {
            #expect(outcome == .stays && order == start(state))
        } else if row.0 == .succeeded() {
            #expect(outcome == .moved(.succeeded) && order.newEvents.map(\.kind) == [.refundSucceeded])
            // The notice may be older than a revocation.
            #expect(order.refunds[0].askAt == at(40))
        } else {
            #expect(outcome == .stays && order.refunds[0].state == state && order.refunds[0].askAt == at(40))
        }
    }

    @Test func `a notice about another shop's refund with the same number is ignored`() {
        var order = start(.submitted)
        let others = ProviderReference("pi_others")
        #expect(order.hearOfRefund(Self.refundNumber, .succeeded(), of: others, from: sandbox, at: at(40)) == .stays)
        #expect(order == start(.submitted))
        let ours = ProviderReference(order.refunds[0].transactionID.text)
        #expect(
            order.hearOfRefund(Self.refundNumber, .succeeded(), of: ours, from: sandbox, at: at(40))
                == .moved(.succeeded))
    }

    @Test func `a notice about another channel or another number is ignored`() {
        for (refundNumber, channel) in [(Self.refundNumber, wechat), ("\(first)_r2", sandbox)] {
            var order = start(.submitted)
            #expect(order.hearOfRefund(refundNumber, .succeeded(), from: channel, at: at(40)) == .stays)
            #expect(order == start(.submitted))
        }
        var order = start(.pending)
        #expect(order.beginRefund("\(first)_r2", rules: rules(), at: at(40)) == .nothing)
        #expect(order.finishRefund("\(first)_r2", .succeeded(), at: at(40)) == .stays)
        #expect(order == start(.pending))
    }

    @Test(arguments: RefundState.allCases) func `a manual retry requests a failed refund again under its number`(
        state: RefundState
    ) {
        var order = start(state)
        let isTried = state == .failed || state == .needsAttention
        #expect(order.retryRefund(Self.refundNumber, at: at(40)) == (isTried ? .queued : .notWaiting))
        guard state == .failed else {
            if state == .needsAttention { order.refunds[0].askAt = at(30) }
            #expect(order == start(state))
            return
        }
        var pending = start(.pending).refunds[0]
        pending.askAt = at(40)
        #expect(order.refunds == [pending])
        let request = RefundRequest(pending, of: yuan)
        #expect(order.beginRefund(Self.refundNumber, rules: rules(), at: at(40)) == .submit(request, sandbox))
    }
}
