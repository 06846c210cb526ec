import PayCore
import PayFlow
import Testing

@testable import paypage

/// The JSON of `paypage orders show`.
@Suite struct OrderJSONTests {
    private let noon = Instant(milliseconds: 1_795_348_800_000)
    private let number = OrderNumber("order_1")!
    private let yuan = Money(amount: 9_900, currency: Currency("CNY")!)!
    private let sandbox = Channel("sandbox")!

    private var trade: TradeNumber { TradeNumber(order: number, sequence: 1) }

    private var receipt: Receipt {
        Receipt(
            channel: sandbox, tradeNumber: trade, transactionID: TransactionID("2026X")!, amount: 9_900,
            currencyCode: "CNY", paidAt: noon, namesOurAccount: true)
    }

    private var order: Order {
        let page = Page(
            kind: .html, content: "<p>secret page</p>", terminal: .pc, openID: "", serves: [.h5], mintedAt: noon,
            expiresAt: noon + .seconds(300))
        let attempt = Attempt(
            number: trade, channel: sandbox,
            request: StoredRequest(
                terminal: .pc, payer: .none, money: yuan, subject: Subject("Tea")!,
                providerDeadline: noon + .seconds(1_800), notifyURL: "https://pay.example/v1/notices/sandbox",
                returnURL: nil),
            createdAt: noon, state: .paid, stateSince: noon, pages: [page], reference: ProviderReference("pi_1"),
            lastWordAt: noon + .seconds(1_860))
        return Order(
            number: number, userID: UserID("u-7")!, money: yuan, subject: Subject("Tea")!, returnURL: nil,
            createdAt: noon, deadline: noon + .seconds(1_800), state: .paid(by: trade, at: noon), fence: Fence(3),
            attempts: [attempt], receipts: [RecordedReceipt(receipt: receipt, standing: .honest, recordedAt: noon)])
    }

    @Test func `an order is shown with its attempts, pages, receipts and history, and without page content`() {
        let json = JSONObject(OrderJSON(order, history: [HistoryEntry(at: noon, .changed(.made))]))
        #expect(json["out_trade_no"] == "order_1")
        #expect(json["user_id"] == "u-7")
        #expect(json["state"] == "paid")
        #expect(json["amount"] == 9_900)
        #expect(json["expires_at"] == "2026-11-22T12:30:00Z")
        #expect(json["fence"] == 3)
        #expect(json["leased_until"] == .null)
        let attempt = json["attempts"][0]
        #expect(attempt["trade_no"] == "order_1_1")
        #expect(attempt["channel"] == "sandbox")
        #expect(attempt["provider_reference"] == "pi_1")
        #expect(
            attempt["pages"]
                == [
                    [
                        "terminal": "pc", "kind": "html", "created_at": "2026-11-22T12:00:00Z",
                        "expires_at": "2026-11-22T12:05:00Z",
                    ]
                ])
        #expect(json["receipts"][0]["transaction_id"] == "2026X")
        #expect(json["refunds"] == [])
        #expect(json["history"] == [["at": "2026-11-22T12:00:00.000Z", "what": "made"]])
        #expect(!JSONText.of(OrderJSON(order)).contains("secret page"))
    }

    @Test func `an order in a list has the time of its last change and no history`() {
        let json = JSONObject(OrderJSON(order, updatedAt: noon))
        #expect(json["updated_at"] == "2026-11-22T12:00:00Z")
        #expect(json["history"] == .null)
    }

    @Test func `each entry of the history has exactly its own fields`() {
        func keys(_ what: HistoryEntry.What) -> Set<String> {
            JSONObject(HistoryJSON(HistoryEntry(at: noon, what))).keys.subtracting(["at", "what"])
        }
        let delivery = DeliveryRecord(
            id: DeliveryID(17)!, event: EventID(17)!, order: number, kind: .orderPaid, occurredAt: noon,
            state: .pending, tries: 0,
            nextAt: noon, deliveredAt: nil, lastAnswer: nil)
        #expect(keys(.noted(.asked(sandbox, .pc))) == ["channel", "terminal"])
        #expect(keys(.noted(.closeAsked)) == [])
        #expect(keys(.noted(.called(.create, trade, answer: "made"))) == ["trade_no", "operation", "answer"])
        let ruling = DisputeRuling(.accept, by: PersonName("Li")!, reason: RulingReason("fits")!)
        #expect(
            keys(.noted(.ruled(ruling, TransactionID("2026X")!, of: trade)))
                == ["trade_no", "answer", "transaction_id", "by", "reason"])
        #expect(keys(.changed(.moved(to: .paid))) == ["from", "to"])
        #expect(keys(.changed(.attemptBegan(trade, sandbox, .pc))) == ["trade_no", "channel", "terminal"])
        #expect(keys(.changed(.attemptMoved(trade, from: .open, to: .paid))) == ["trade_no", "from", "to"])
        #expect(
            keys(.changed(.pageMinted(trade, .qr, .pc, expiresAt: noon)))
                == ["trade_no", "terminal", "kind", "expires_at"])
        #expect(keys(.changed(.pageEnded(trade, .pc))) == ["trade_no", "terminal"])
        #expect(keys(.changed(.takenOver(Fence(2)))) == ["fence"])
        #expect(keys(.changed(.refundWritten("r", of: trade, .pending))) == ["trade_no", "to", "refund_no"])
        #expect(
            keys(.changed(.refundMoved("r", of: trade, from: .pending, to: .failed)))
                == ["trade_no", "from", "to", "refund_no"])
        #expect(
            keys(.changed(.receiptJudged(TransactionID("2026X")!, of: trade, as: .late)))
                == ["trade_no", "from", "to", "transaction_id"])
        #expect(keys(.notice(sandbox, about: trade, .paid)) == ["trade_no", "channel", "outcome"])
        #expect(
            keys(.money(RecordedReceipt(receipt: receipt, standing: .honest, recordedAt: noon)))
                == ["trade_no", "channel", "transaction_id", "amount", "currency", "standing"])
        #expect(keys(.told(delivery)) == ["delivery_id", "endpoint", "type", "state", "tries"])
    }
}
