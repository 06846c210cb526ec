import ArgumentParser
import PayAPI
import PayCore
import PayFlow
import SQLiteStore
import Testing

@testable import paypage

/// The option `--output`, and the JSON of each list.
@Suite struct OutputOptionTests {
    private let noon = Instant(milliseconds: 1_795_348_800_000)
    private let sandbox = Channel("sandbox")!

    /// Commands that run until they are stopped, or whose answer is a file.
    private static let silent: Set<String> = ["serve", "sandbox", "settings", "export"]

    private static func commands(
        of command: any ParsableCommand.Type, path: [String] = []
    ) -> [(path: [String], command: any ParsableCommand.Type)] {
        let inner = command.configuration.subcommands
        guard inner.isEmpty else {
            return inner.flatMap { commands(of: $0, path: path + [$0._commandName]) }
        }
        return [(path, command)]
    }

    @Test func `every command that answers has --output`() {
        let printing = Self.commands(of: Paypage.self).filter { !Self.silent.contains($0.path.last ?? "") }
        #expect(printing.count >= 6)
        for (path, command) in printing {
            let help = Paypage.helpMessage(for: command)
            #expect(help.contains("--output"), "\(path.joined(separator: " "))")
        }
    }

    @Test(arguments: [["--output", "xml"], ["--output", "JSON"], ["--output"], ["--output", ""]])
    func `an output format other than text and json is refused`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Refunds.parseAsRoot(["list"] + arguments) }
    }

    @Test func `the output is text unless json is asked for`() throws {
        #expect(try OutputOption.parse([]).format == .text)
        #expect(try OutputOption.parse(["--output", "json"]).format == .json)
    }

    @Test func `a list of refunds has each refund with its order and channel`() {
        let trade = TradeNumber("order_1_2")!
        let refund = Refund(
            number: "order_1_2_m1", merchantNumber: RefundNumber("back_7")!, tradeNumber: trade,
            transactionID: TransactionID("2026X")!, money: Money(amount: 9_900, currency: Currency("CNY")!)!,
            cause: .merchant, state: .needsAttention, createdAt: noon, askAt: noon, providerCode: "NOT_ENOUGH")
        let json = JSONObject(RefundListJSON([ListedRefund(refund: refund, channel: sandbox)]))["refunds"][0]
        #expect(json["refund_no"] == "back_7")
        #expect(json["provider_refund_no"] == "order_1_2_m1")
        #expect(json["out_trade_no"] == "order_1")
        #expect(json["trade_no"] == "order_1_2")
        #expect(json["transaction_id"] == "2026X")
        #expect(json["channel"] == "sandbox")
        #expect(json["amount"] == 9_900)
        #expect(json["currency"] == "CNY")
        #expect(json["state"] == "needs_attention")
        #expect(json["provider_code"] == "NOT_ENOUGH")
        #expect(json["created_at"] == "2026-11-22T12:00:00Z")
    }

    @Test func `a list of webhooks has the time of the next try only for a pending one`() {
        func record(_ state: DeliveryState) -> DeliveryRecord {
            DeliveryRecord(
                id: DeliveryID(7)!, event: EventID(7)!, order: OrderNumber("order_1")!, kind: .orderPaid,
                occurredAt: noon, state: state,
                tries: 2, nextAt: noon + .seconds(30), deliveredAt: state == .delivered ? noon : nil,
                lastAnswer: "answered with 500")
        }
        let json = JSONObject(DeliveryListAnswer([record(.pending), record(.delivered)]))["deliveries"]
        #expect(
            json[0]
                == [
                    "id": 7, "endpoint": "default", "webhook_id": "evt_7_1795348800000", "type": "order.paid",
                    "out_trade_no": "order_1", "timestamp": "2026-11-22T12:00:00Z",
                    "state": "pending", "tries": 2, "next_at": "2026-11-22T12:00:30Z",
                    "last_answer": "answered with 500",
                ])
        #expect(json[1]["next_at"] == .null)
        #expect(json[1]["delivered_at"] == "2026-11-22T12:00:00Z")
    }

    @Test func `a channel accepts attempts only if it is configured, switched on and not paused`() {
        func channel(
            _ name: String, _ configuration: ChannelConfiguration, pausedAt: Instant? = nil
        ) -> ListedChannel {
            ListedChannel(
                channel: Channel(name)!, kind: configuration == .none ? nil : .alipay,
                title: ChannelTitle(english: "Alipay EU", chinese: nil), configuration: configuration,
                pausedAt: pausedAt, circuitOpenSince: pausedAt, attempts: 3, refunds: 1)
        }
        let json = JSONObject(
            ChannelListJSON([
                channel("on", .accepting), channel("off", .notAccepting), channel("gone", .none),
                channel("paused", .accepting, pausedAt: noon), channel("unfinished", .withoutProvider),
            ]))["channels"]
        #expect((0..<5).map { json[$0]["is_accepting"] } == [true, false, false, false, false])
        #expect((0..<5).map { json[$0]["is_configured"] } == [true, true, false, true, false])
        #expect(json[3]["paused_at"] == "2026-11-22T12:00:00Z")
        #expect(json[3]["circuit_open_since"] == "2026-11-22T12:00:00Z" && json[0]["circuit_open_since"] == .null)
        #expect(json[0]["provider"] == "alipay" && json[2]["provider"] == .null)
        #expect(json[0]["title"] == ["en": "Alipay EU", "zh": "支付宝"] && json[2]["title"] == .null)
        #expect(json[0]["terminals"] == ["pc", "h5", "app"] && json[2]["terminals"] == [])
        #expect(json[0]["attempts_that_may_take_money"] == 3)
        #expect(json[0]["refunds_in_progress"] == 1)
    }

    @Test func `findings of doctor have a grade that a program can compare`() {
        let json = JSONObject(
            FindingListJSON([.ok("database", "is fine"), .warning("clock", "is late", remedy: "set it")]))["findings"]
        #expect(json[0] == ["grade": "ok", "subject": "database", "text": "is fine"])
        #expect(json[1] == ["grade": "warning", "subject": "clock", "text": "is late; set it"])
    }

    @Test func `an empty list is an empty array`() {
        #expect(JSONText.of(RefundListJSON([])) == #"{"refunds":[]}"#)
        #expect(JSONText.of(DeliveryListAnswer([])) == #"{"deliveries":[]}"#)
        #expect(JSONText.of(ChannelListJSON([])) == #"{"channels":[]}"#)
    }
}
