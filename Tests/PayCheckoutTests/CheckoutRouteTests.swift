import Foundation
import GRDB
import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@testable import PayCheckout
@testable import PayProviders

@Suite(.timeLimit(.minutes(5))) struct CheckoutRouteTests {
    @Test func `a payment by plain HTTP: choose, press, pay, and see the result`() async throws {
        try await withService(.twoChannels()) { service in
            try await service.setFault("create", "refused")
            _ = try await service.client.pay(Sample.body(Sample.number, ["return_url": "https://shop.example/1"]))
            let shopper = service.shopper()
            let first = try await shopper.look()
            #expect(first.status == 200)
            #expect(first.state == "choose")
            #expect(first.text.contains(#"name="channel" value="sandbox2""#))

            let ready = try await shopper.press("sandbox2")
            #expect(ready.state == "ready")
            #expect(ready.main("data-channel") == "sandbox2")
            #expect(ready.text.contains("data-open"))
            let page = try await service.client.get("\(shopper.link)/page?channel=sandbox2&terminal=pc", as: .nobody)
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")

            try await service.pay("\(Sample.number)_2", on: "sandbox2")
            let paid = try await shopper.look()
            #expect(paid.state == "paid")
            #expect(paid.text.contains(#"data-return target="_top" href="https://shop.example/1""#))
        }
    }

    @Test func `the checkout page forbids caching, framing, indexing and referrers`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            for answer in [try await service.shopper().look(), try await service.shopper(for: 0).look()] {
                #expect(answer.header("Content-Type") == "text/html; charset=utf-8")
                #expect(answer.header("Cache-Control") == "no-store")
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("X-Robots-Tag") == "noindex")
                #expect(answer.header("Referrer-Policy") == "strict-origin")
                #expect(answer.header("X-Frame-Options") == "DENY")
                #expect(answer.header("Set-Cookie") == nil)
                #expect(
                    answer.header("Content-Security-Policy")
                        == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                        + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
            }
        }
    }

    @Test func `configured origins may frame the checkout page`() async throws {
        let rules = CheckoutRules(frameAncestors: ["https://shop.example", "https://m.shop.example"])
        try await withService(TestSetup(checkout: rules)) { service in
            _ = try await service.client.pay()
            let answer = try await service.shopper().look()
            let policy = answer.header("Content-Security-Policy") ?? ""
            #expect(policy.hasSuffix("frame-ancestors https://shop.example https://m.shop.example"))
            #expect(answer.header("X-Frame-Options") == nil)
            #expect(!answer.text.contains("127.0.0.1"), "an address is no name of a shop")
        }
    }

    @Test func `a GET of the checkout page calls no provider and writes nothing`() async throws {
        try await withService(TestSetup(channels: ["sandbox", "sandbox2"], tradeScope: .terminal)) { service in
            _ = try await service.client.pay()
            let connection = try DatabaseQueue(path: service.databasePath)
            defer { try? connection.close() }
            let before = try DatabaseTraces(connection, service.databasePath)
            for query in [
                "", "?terminal=h5", "?terminal=jsapi&openid=o1", "?channel=sandbox2&news=unknown&wait=3",
                "?channel=sandbox2&terminal=h5&fresh=true", "?lang=zh-CN&utm_source=mail",
            ] {
                #expect(try await service.shopper().look(query).status == 200)
            }
            #expect(try await service.tradeCount() == 1)
            #expect(try await service.creates() == 1)
            #expect(try DatabaseTraces(connection, service.databasePath) == before)
            _ = try await service.shopper().press("sandbox2")
            #expect(try DatabaseTraces(connection, service.databasePath) != before)
        }
    }

    @Test func `language and terminal of the checkout page come from the browser, or from the query`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            var shopper = service.shopper()
            for (query, accepted, opening) in [
                ("", "zh-CN", #"<html lang="zh-CN" dir="ltr">"#), ("?lang=en", "zh-CN", #"<html lang="en" dir="ltr">"#),
                ("?lang=tlh", "zh", #"<html lang="zh-CN" dir="ltr">"#),
                ("?lang=ar", "en", #"<html lang="ar" dir="rtl">"#),
                ("?lang=zh-TW", "en", #"<html lang="zh-Hant" dir="ltr">"#),
            ] {
                #expect(try await shopper.look(query, language: accepted).text.contains(opening))
            }
            #expect(try await shopper.look("?terminal=app").main("data-terminal") == "app")
            #expect(try await shopper.look("?terminal=tv").main("data-terminal") == "pc")
            shopper.userAgent = "Mozilla/5.0 (iPhone) Mobile"
            #expect(try await shopper.look().main("data-terminal") == "h5")
        }
    }

    @Test func `a press on a button keeps the page's language and terminal`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            let plain = try await shopper.send("terminal=pc&channel=sandbox2")
            #expect(plain.status == 303)
            #expect(plain.header("Cache-Control") == "no-store")
            #expect(plain.header("Location") == shopper.link)
            let chosen = try await shopper.send(
                "terminal=h5&channel=sandbox&openid=o%2B1", "?lang=zh-CN&terminal=h5&openid=o%2B1&news=busy")
            #expect(
                chosen.header("Location") == "\(shopper.link)?lang=zh-CN&terminal=h5&openid=o%2B1")
            let order = try #require(try await service.ledger.order(OrderNumber(Sample.number)!))
            #expect(order.attempts[1].request.payer.clientIP == "127.0.0.1")
        }
    }

    @Test func `the checkout page has the revision that its events name`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            let order = try await service.client.get("\(shopper.link)/payment", as: .nobody)
            #expect(try await shopper.look().main("data-revision") == order.json["revision"].string)
        }
    }

    @Test func `style, script and icon are cached for ever by version, and are small`() async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            _ = try await service.client.pay(Sample.body(Sample.number, ["return_url": "https://shop.example/1"]))
            let page = try await service.shopper().look(language: "zh-CN")
            for (name, type) in [("css", "text/css"), ("js", "text/javascript")] {
                let start = try #require(page.text.range(of: "/assets/checkout.\(name)?v="))
                let version = page.text[start.upperBound...].prefix { $0 != "\"" }
                let asset = try await service.client.get("/assets/checkout.\(name)?v=\(version)", as: .nobody)
                #expect(asset.header("Content-Type") == "\(type); charset=utf-8")
                #expect(asset.header("Cache-Control") == "public, max-age=31536000, immutable")
                #expect(asset.header("X-Content-Type-Options") == "nosniff")
                let old = try await service.client.get("/assets/checkout.\(name)?v=old", as: .nobody)
                #expect(old.header("Cache-Control") == "public, max-age=300")
                #expect(old.body == asset.body)
            }
            let icon = try await service.client.get("/assets/checkout.svg", as: .nobody)
            #expect(icon.header("Content-Type") == "image/svg+xml")
        }
    }

    @Test func `the checkout page and its files are compressed, and weigh less than 40 KiB`() async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            _ = try await service.client.pay(Sample.body(Sample.number, ["return_url": "https://shop.example/1"]))
            let link = service.shopper().link
            var weight = 0
            for path in [link, "/assets/checkout.css", "/assets/checkout.js"] {
                let plain = try await service.client.get(path, as: .nobody)
                let small = try await service.client.get(path, as: .nobody, headers: ["Accept-Encoding": "br, gzip"])
                #expect(plain.header("Content-Encoding") == nil)
                #expect(small.header("Content-Encoding") == "gzip")
                #expect(small.header("Content-Type") == plain.header("Content-Type"))
                #expect(small.body.count < plain.body.count / 2)
                for answer in [plain, small] {
                    #expect(answer.header("Vary")?.contains("Accept-Encoding") == true)
                    #expect(answer.header("Content-Length") == String(answer.body.count))
                }
                if path != link { #expect(try Self.unpacked(small.body) == plain.body) }
                weight += small.body.count
            }
            #expect(weight < 40 * 1_024)
        }
    }

    @Test func `each encoding of a file has its own entity tag, and a known file is not sent again`() async throws {
        try await withService { service in
            let path = "/assets/checkout.css"
            var tags: Set<String> = []
            for encoding in ["identity", "gzip"] {
                let answer = try await service.client.get(path, as: .nobody, headers: ["Accept-Encoding": encoding])
                let tag = try #require(answer.header("ETag"))
                tags.insert(tag)
                let again = try await service.client.get(
                    path, as: .nobody, headers: ["Accept-Encoding": encoding, "If-None-Match": "\"x\", W/\(tag)"])
                #expect(again.status == 304)
                #expect(again.body.isEmpty)
                #expect(again.header("ETag") == tag)
                #expect(again.header("Vary") == "Accept-Encoding")
                #expect(again.header("Content-Encoding") == nil)
            }
            #expect(tags.count == 2)
        }
    }

    private static func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        try Inflater(.gzip).inflate(bytes[...], most: 1 << 20).output
    }

    @Test func `the checkout page loads only its own style, script and icon`() async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            _ = try await service.client.pay()
            let text = try await service.shopper().look().text
            #expect(!text.contains("style=") && !text.contains("<style") && !text.contains("javascript:"))
            #expect(text.components(separatedBy: "<script").count == 2)
            let foreign = text.components(separatedBy: "http").dropFirst().filter {
                !$0.hasPrefix("://www.w3.org/2000/svg") && !$0.hasPrefix("-equiv")
            }
            #expect(foreign.isEmpty)
        }
    }

    @Test func `no log line has a checkout token, and an internal error is an HTML page`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            _ = try await shopper.press("sandbox")
            service.ledger.setBroken(true)
            for answer in [try await shopper.look(), try await shopper.press("sandbox")] {
                #expect(answer.status == 500)
                #expect(answer.state == "broken")
                #expect(answer.header("Cache-Control") == "no-store")
            }
            service.ledger.setBroken(false)
            #expect(service.log.all.contains { $0.contains("request failed") })
            #expect(!service.log.all.contains { $0.contains("c1.") })
        }
    }
}
