import ArgumentParser
import PayCore
import PayFlow
import Testing

@testable import paypage

/// `paypage orders list`, `find` and `show`.
@Suite struct OrderFindingTests {
    private let noon = Instant(milliseconds: 1_795_348_800_000)

    private func order(_ name: String) -> Order {
        Order(
            number: OrderNumber(name)!, userID: UserID("u\u{200B}-7")!,
            money: Money(amount: 9_900, currency: Currency("CNY")!)!, subject: Subject("Tea")!, returnURL: nil,
            createdAt: noon, deadline: noon + .seconds(1_800))
    }

    private func list(next: OrderCursor? = nil) -> OrderList {
        OrderList(entries: [.init(order: order("order_1"), updatedAt: noon + .seconds(1))], next: next)
    }

    @Test func `orders are printed in columns, and an unfinished list ends with its cursor`() {
        let lines = OrderTable(
            list(next: OrderCursor(sequence: .latestFirst, at: noon, number: OrderNumber("order_1")!))
        ).text.split(separator: "\n").map { $0.split(separator: /\s{2,}/).map(String.init) }
        #expect(lines[0] == ["ORDER", "STATE", "MONEY", "CHANNEL", "USER", "CREATED", "UPDATED"])
        #expect(
            lines[1]
                == ["order_1", "new", "9900 CNY", "-", "u -7", "2026-11-22T12:00:00Z", "2026-11-22T12:00:01Z"])
        #expect(lines[2] == ["more orders follow: --cursor c1795348800000-order_1"])
        #expect(OrderTable(list()).text.split(separator: "\n").count == 2)
        #expect(OrderTable(OrderList(entries: [], next: nil)).text == "no orders")
    }

    @Test func `a list of orders as JSON has the API's names and the cursor`() {
        let json = JSONObject(
            OrderListJSON(
                list(next: OrderCursor(sequence: .latestFirst, at: noon, number: OrderNumber("order_1")!))))
        #expect(json["payments"][0]["out_trade_no"] == "order_1")
        #expect(json["payments"][0]["updated_at"] == "2026-11-22T12:00:01Z")
        #expect(json["next_cursor"] == "c1795348800000-order_1")
        #expect(JSONObject(OrderListJSON(OrderList(entries: [], next: nil))) == ["payments": []])
    }

    @Test func `orders find reads each property`() throws {
        let find = try #require(
            try Orders.parseAsRoot([
                "find", "--trade-no", "order_1_2", "--transaction-id", "2026X", "--refund-no", "order_1_2_r1",
                "--user-id", "u-7", "--state", "paid", "--created-after", "2026-11-22T10:00:00Z", "--created-before",
                "2026-11-22T18:00:01+08:00", "--updated-after", "2026-11-22T12:00:00Z", "--limit", "3", "--cursor",
                "c5-order_1", "--output", "json",
            ]) as? Orders.Find)
        #expect(
            find.criteria.search
                == OrderSearch(
                    state: .paid, user: UserID("u-7")!, trade: TradeNumber("order_1_2")!,
                    transaction: TransactionID("2026X")!, refund: RefundName("order_1_2_r1")!,
                    createdAfter: noon - .seconds(7_200), createdBefore: noon - .seconds(7_199), updatedAfter: noon))
        #expect(find.part.limit == 3)
        #expect(
            find.part.cursor
                == OrderCursor(
                    sequence: .latestFirst, at: Instant(milliseconds: 5), number: OrderNumber("order_1")!))
        #expect(find.part.output.format == .json)
    }

    @Test(arguments: [
        [], ["--limit", "5"], ["--trade-no", "order_x"], ["--refund-no", "a b"], ["--state", "lost"],
        ["--created-after", "yesterday"], ["--user-id", ""], ["--state", "new", "--limit", "0"],
        ["--state", "new", "--limit", "10001"], ["--state", "new", "--cursor", "5-order_1"],
        ["--state", "new", "--cursor", "x"],
    ])
    func `orders find refuses an invalid property, and no property at all`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Orders.parseAsRoot(["find"] + arguments) }
    }

    @Test func `a number of one order leads to it, also by two of its things`() throws {
        let trade = TradeNumber("order_1_1")!
        let named = [
            NamedOrder(order: trade.order, bearer: .payment(Channel("sandbox")!)),
            NamedOrder(order: trade.order, bearer: .refund(trade)),
        ]
        #expect(try NamedOrders(named, number: "x").onlyOrder() == trade.order)
    }

    @Test func `a number of several orders is answered with the command for each`() {
        let (first, second) = (OrderNumber("order_1")!, OrderNumber("order_2")!)
        let named = NamedOrders(
            [
                NamedOrder(order: first, bearer: .payment(Channel("wechat")!)),
                NamedOrder(order: second, bearer: .payment(Channel("wechat2")!)),
            ], number: "4200")
        let failure = #expect(throws: CommandFailure.self) { try named.onlyOrder() }
        #expect(
            failure?.description == """
                2 orders have the number 4200, choose one:
                  paypage orders show order_1  (a payment at wechat)
                  paypage orders show order_2  (a payment at wechat2)
                """)
    }

    @Test func `a number that leads nowhere is named in the error`() {
        let failure = #expect(throws: CommandFailure.self) { try NamedOrders([], number: "4\u{1B}[2J").onlyOrder() }
        #expect(
            failure?.description
                == "no order, attempt, payment or refund has the number 4 [2J: check it and database.url")
    }
}
