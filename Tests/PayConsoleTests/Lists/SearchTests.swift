import Foundation
import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite struct ConsoleSearchTests {
    private func search(_ browser: ConsoleBrowser, _ query: String) async throws -> Answer {
        try await browser.get("/console/search\(query)")
    }

    @Test func `a number of one order leads to the order`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let transaction = try #require(
                try await console.service.client.order().json["receipts"][0]["transaction_id"].string)
            let browser = try await console.signedIn(.viewer)
            for number in [Sample.number, Sample.trade, transaction, " \(Sample.number) "] {
                let found = try await search(browser, "?q=\(number.percentEncoded)&state=&channel=&after=&before=")
                #expect(found.status == 303, "\(number)")
                #expect(found.header("Location") == "/console/orders/\(Sample.number)")
            }
        }
    }

    @Test func `a number of several orders leads to a list that says why`() async throws {
        try await withConsole { console in
            let service = console.service
            _ = try await service.client.pay()
            _ = try await service.client.pay(Sample.body("order_2"), key: "key-2")
            _ = try await service.send(service.notice(transaction: "sbx_1"))
            _ = try await service.client.pay(
                Sample.body("sbx_1", ["user_id": "sbx_1"]), key: "key-3")
            let page = try await search(try await console.signedIn(.viewer), "?q=sbx_1")
            #expect(page.status == 200)
            #expect(page.text.contains("its own number"))
            #expect(page.text.contains("Orders of this user"))
        }
    }

    @Test func `a user leads to the user's orders, which can be filtered`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            _ = try await console.service.client.pay(Sample.body("order_2"), key: "key-2")
            _ = try await console.service.client.pay(Sample.body("order_3", ["user_id": "user_2"]), key: "key-3")
            let browser = try await console.signedIn(.viewer)
            func numbers(_ query: String) async throws -> Set<String> {
                let text = try await search(browser, query).text
                return Set([Sample.number, "order_2", "order_3"].filter { text.contains("/console/orders/\($0)\"") })
            }
            #expect(try await numbers("?q=user_1") == [Sample.number, "order_2"])
            #expect(try await numbers("?q=user_1&state=paid") == [Sample.number])
            #expect(try await numbers("?q=nobody") == [])
            #expect(try await numbers("") == [Sample.number, "order_2", "order_3"])
            #expect(try await numbers("?state=new") == ["order_2", "order_3"])
            #expect(try await numbers("?channel=sandbox") == [Sample.number, "order_2", "order_3"])
            #expect(try await numbers("?channel=wechat") == [])
            #expect(try await numbers("?after=2026-11-22T10:01") == [])
            #expect(try await numbers("?before=2026-11-22T10:01").count == 3)
            #expect(try await search(browser, "?after=yesterday").text.contains("Write a time such as"))
        }
    }

    @Test func `a long list has a page behind it`() async throws {
        try await withConsole { console in
            for index in 0..<51 {
                console.clock.advance(by: .seconds(1))
                _ = try await console.service.client.pay(Sample.body("order_\(100 + index)"), key: "key-\(index)")
            }
            let browser = try await console.signedIn(.viewer)
            let first = try await search(browser, "?state=new")
            #expect(first.text.contains("orders/order_150\"") && !first.text.contains("orders/order_100\""))
            let link = try #require(first.text.range(of: "Older orders").map { first.text[..<$0.lowerBound] })
            let start = try #require(link.range(of: "href=\"", options: .backwards))
            let path = String(link[start.upperBound...].prefix { $0 != "\"" }).replacing("&amp;", with: "&")
            let second = try await browser.get(path)
            #expect(second.text.contains("orders/order_100\"") && !second.text.contains("orders/order_101\""))
            #expect(!second.text.contains("Older orders"))
        }
    }
}
