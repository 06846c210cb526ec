import PayCore
import Testing

@testable import PayCheckout

private typealias S = CheckoutSample

/// The buyer's texts about money that goes back.
@Suite struct RefundWordsTests {
    private func view(
        _ refunds: [Refund], paid: Bool = true, receipts: [RecordedReceipt] = [S.payment],
        _ language: CheckoutLanguage = .english
    ) -> CheckoutView {
        let state: OrderState =
            paid ? .paid(by: TradeNumber(order: S.number, sequence: 1), at: S.now) : .closed(at: S.now)
        return S.view(
            S.visit(S.order(state, [S.attempt(1, .paid)], receipts: receipts, refunds: refunds)), language)
    }

    @Test(arguments: [
        (RefundCause.merchant, RefundState.pending, "The shop is returning CN¥60.00 to you."),
        (.merchant, .submitted, "The shop is returning CN¥60.00 to you."),
        (.merchant, .needsAttention, "The shop is returning CN¥60.00 to you."),
        (.merchant, .succeeded, "The shop has returned CN¥60.00 to you."),
        (.merchant, .failed, "The shop tried to return CN¥60.00 to you, and it did not work. Please ask the shop."),
        (.duplicate, .pending, "A second payment of CN¥60.00 arrived. It is being returned to you."),
        (.duplicate, .succeeded, "A second payment of CN¥60.00 arrived. It has been returned to you."),
        (
            .duplicate, .failed,
            "A second payment of CN¥60.00 arrived, and could not be returned to you. Please ask the shop."
        ),
        (.late, .submitted, "A payment of CN¥60.00 arrived after this order had ended. It is being returned to you."),
        (.dispute, .pending, "A payment of CN¥60.00 did not match this order. It is being returned to you."),
        (.dispute, .succeeded, "A payment of CN¥60.00 did not match this order. It has been returned to you."),
        (.provider, .submitted, "CN¥60.00 is being returned to you."),
        (.provider, .succeeded, "CN¥60.00 has been returned to you."),
        (.provider, .failed, "CN¥60.00 could not be returned to you. Please ask the shop."),
    ])
    func `each refund is told with its cause, amount and progress`(
        cause: RefundCause, state: RefundState, words: String
    ) {
        let back = view([S.refund(state, cause, amount: 6_000)]).back
        #expect(back?.givenBack.map(\.refundText) == [words])
        #expect(back?.givenBack.map(\.refundState) == [state.rawValue])
    }

    @Test(arguments: RefundCause.allCases, RefundState.allCases)
    func `each refund is told in Chinese with its amount`(cause: RefundCause, state: RefundState) {
        let text = view([S.refund(state, cause, amount: 6_000)], .chinese).back?.givenBack[0].refundText ?? ""
        #expect(text.contains("60.00"))
        #expect(!text.contains("{}"))
        #expect(text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) })
    }

    @Test func `the title is true for every refund below it`() {
        let duplicate = S.refund(.succeeded)
        let late = S.refund(.succeeded, .late)
        let part = S.refund(.succeeded, .merchant, amount: 100)
        #expect(view([duplicate, duplicate]).back?.backTitle == "A second payment arrived")
        #expect(view([late], paid: false, receipts: []).back?.backTitle == "Your payment came too late")
        for mixed in [[part], [duplicate, part], [late, duplicate], [S.refund(.pending, .dispute)]] {
            #expect(view(mixed).back?.backTitle == "Refunds")
        }
        #expect(view([]).back == nil)
    }

    @Test func `an order is told as refunded once all of its payment was returned, and not before`() {
        let all = view([S.refund(.succeeded, .merchant)])
        #expect(all.headline == "Refunded")
        #expect(all.leads == ["Blue Teapot has returned your whole payment to you."])
        #expect(all.state == "paid")
        for refunds in [
            [S.refund(.pending, .merchant)], [S.refund(.failed, .merchant)],
            [S.refund(.succeeded, .merchant, amount: 9_899)], [],
        ] {
            #expect(view(refunds).headline == "Paid")
        }
    }

    @Test func `a screen reader announces each refund`() {
        let announced = view([S.refund(.succeeded, .merchant, amount: 100)]).announcement
        #expect(announced.contains("The shop has returned CN¥1.00 to you."))
    }
}
