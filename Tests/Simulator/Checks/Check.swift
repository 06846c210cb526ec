/// The promises that a world checks. The text names a failure.
public enum Check: String, CaseIterable, Sendable {
    // After each commit.
    case oneLiveAttempt = "never two attempts of an order in creating, open or closing"
    case leavesNewOnce = "an order leaves new once, and never comes back"
    case paidOnce = "an order has one honest receipt when it is paid, and none otherwise"
    case returnedIsReturned = "a payment is returned when it went back before we could hear of it, and only then"
    case fenceRises = "the commit in which an order leaves new raises its fence"
    case legalMove = "an attempt moves only by the permitted transitions"
    case requestIsFixed = "an attempt's stored request never changes"
    case closedIsTheirWord = "an attempt is closed only on its provider's word"
    case failedIsTheirWord = "an attempt fails only on its provider's word"
    case lapsedInTime = "an attempt lapses after its deadline and margin only, and with nothing paid"
    case attentionIsEarned = "a refund needs attention only after many refusals, and the merchant gets one message"
    case neverTooMuch = "the refunds of a payment never exceed it"
    case oneRefundPerReceipt = "money that should not have come is refunded once, in full"
    case refundKeepsItsNumber =
        "a refund keeps its number and its particulars, and takes another only once it is closed"
    case refundsArePaced = "refunds of one payment keep to the provider's pace and limit"
    case refundEndIsTold = "every refund that ends is told to the merchant in the same commit"
    case decidedOnce = "a receipt changes only while it is disputed, and a dispute is decided once"
    case handsAreKnown = "a close, refund or ruling by hand has its entry in the same commit, and nothing else has one"
    case strictIsStrict = "under strict no page is stored while another number's page is payable"

    case pausedMakesNone = "a call that has seen its channel paused makes no new attempt there"
    case leftOutStays = "a call that names no channel never switches"

    // When something leaves the service.
    case liveWhenHandedOut = "a served page was live when its call read it"
    case payableWhenHandedOut = "an order without a page was new and before its cut-off when its call read it"
    case ownPage = "a page is served to its order's user only"
    case oneRequestPerKey = "no two requests get a page made under one key"
    case oneCreatePerLife = "no second create in a page's lifetime"
    case closeFirst = "an attempt with a page is closed at its provider before another number is created"
    case coveredByLease = "a create or close is sent only under a lease that outlives it"
    case oneBody = "a provider is never sent two different bodies for a number"
    case oneRefundPerWish = "one key or number of the merchant's is one refund"
    case unexpectedError = "a flow throws only when its process dies, and money never needs a person"

    // When everything has settled.
    case settles = "a world runs dry: no order is new, no attempt undecided, no work left"
    case moneyAddsUp = "money kept is an order's payment less its refunds, and nothing of any other payment"
    case everyReceipt = "every payment at a provider is recorded once"
    case everyRefund = "a refund that succeeded is at the provider once, and one that failed is not; none is not ours"
    case booksAgree = "after the last bill no difference is open, and both books gave the same back"
    case everyDelivery = "every event is delivered at least once, and first deliveries come in order"
}

/// The first broken promise.
public struct Failure: Error, Sendable {
    public let check: Check
    public let explanation: String
}
