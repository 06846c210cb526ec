import Foundation
import PayCore
import PayFlow
import PayProviders
import ProviderFakes
import Testing

/// The other ways to configure a provider, and faults in its answers.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ProviderModeTests {
    @Test func `an Alipay code is served again, scanned and paid`() async throws {
        try await Play.run(["PAYPAGE_ALIPAY_PC_METHOD": "precreate"]) { play in
            let order = "precreate"
            let page = try await play.firstPage(order, on: .alipay)
            #expect(page.kind == "qr")
            #expect(try await play.service.repay(order).pageContent == page.content)
            #expect(play.players.alipay.calls(.create) == 1)
            try await play.open(page, on: .alipay)
            try await play.payAndTell("\(order)_1", on: .alipay)
            #expect(try await play.agree(order).state == "paid")
        }
    }

    @Test func `Alipay's messages are verified by its certificates, also after it changed them`() async throws {
        try await Play.run(["PAYPAGE_ALIPAY_PC_METHOD": "precreate"], alipayCertificates: .shared) { play in
            for order in ["before", "after"] {
                try await play.open(play.firstPage(order, on: .alipay), on: .alipay)
                try await play.payAndTell("\(order)_1", on: .alipay)
                #expect(try await play.agree(order).state == "paid")
                play.players.alipay.changeCertificate()
            }
            #expect(play.players.alipay.downloads == 1)
        }
    }

    @Test func `WeChat Pay's answers are verified by its platform certificates`() async throws {
        try await Play.run(weChatTrust: .certificate) { play in
            let order = "certificates"
            try await play.open(play.firstPage(order, on: .wechat), on: .wechat)
            try await play.payAndTell("\(order)_1", on: .wechat)
            #expect(try await play.agree(order).state == "paid")
        }
    }

    @Test func `a new platform certificate is fetched when WeChat Pay signs with it`() async throws {
        try await HandMovedPlay.run(weChatTrust: .certificate) { play in
            let trade = "\(HandMovedPlay.order)_1"
            try await play.open(play.firstPay(on: .wechat, life: .seconds(4 * 3_600)), on: .wechat)
            play.players.wechat.changeCertificate()
            play.move(to: .seconds(2 * 3_600))
            #expect(try await play.refusalToRepay() != nil, "nobody knows who signed the answer")
            let page = try await poll("the new certificate is fetched") { try? await play.repay() }
            #expect(page.served.tradeNumber.text == trade)
            try await play.open(page, on: .wechat)
            _ = try await play.players.wechat.pay(trade)
            #expect(try await play.tell(trade, on: .wechat))
            #expect(try await play.attempts() == ["_1 paid"])
        }
    }

    @Test(arguments: [PlayedName.wechat, .stripe])
    func `a create whose answer was lost is sent again, and is one trade`(_ name: PlayedName) async throws {
        let hasty = ["PAYPAGE_PROVIDER_TIMEOUT": "2s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "2s"]
        try await Play.run(hasty) { play in
            let (order, fake) = ("lost_\(name)", play.players[name])
            fake.arm(.lost, on: .create)
            let first = try await play.service.firstPay(order, channel: name.rawValue)
            #expect(first.status == 504 && first.code == "PAY_PROVIDER_UNKNOWN")
            #expect(try await play.service.attempts(order) == ["_1 creating"])
            let page = try await play.service.repayUntilPaged(order).read(PaymentView.self).page
            try await play.open(page, on: name)
            #expect(await play.trades(of: order, on: name).count == 1)
            #expect(try await play.service.attempts(order) == ["_1 open"])
            try await play.payAndTell("\(order)_1", on: name)
            try await play.agree(order)
        }
    }

    @Test(arguments: [PlayedName.wechat, .stripe])
    func `a provider that refuses one create gets another trade number`(_ name: PlayedName) async throws {
        try await Play.run { play in
            let (order, fake) = ("refused_\(name)", play.players[name])
            fake.arm(.refused, on: .create)
            let first = try await play.service.firstPay(order, channel: name.rawValue)
            #expect(first.status == 502 && first.code == "PAY_ORDER_FAIL")
            #expect(try await play.service.attempts(order) == ["_1 failed"])
            try await play.open(play.goOn(order, on: name), on: name)
            #expect(try await play.service.attempts(order) == ["_1 failed", "_2 open"])
            try await play.payAndTell("\(order)_2", on: name)
            try await play.agree(order)
        }
    }

    @Test func `the log contains none of the providers' secrets`() async throws {
        try await Play.run(logOptions: ["--log-format", "json", "--log-level", "trace"]) { play in
            var secrets = [
                play.players.stripe.secretKey, play.players.stripe.webhookSecret, FakeWeChatPay.apiV3Key,
                play.players.alipay.appID + "&", "WECHATPAY2-SHA256-RSA2048", "PRIVATE KEY", "BEGIN", "<form",
            ]
            for name in PlayedName.allCases {
                let page = try await play.firstPage("secret_\(name)", on: name)
                try await play.open(page, on: name)
                secrets.append(page.content)
                play.players[name].arm(.garbage, on: .query)
                _ = try await play.players[name].pay("secret_\(name)_1")
                let notice = try await play.players[name].notice(ofPayment: "secret_\(name)_1")
                secrets.append(String(decoding: notice.body, as: UTF8.self))
                secrets += notice.headers.map(\.value).filter { $0.utf8.count > 40 && !$0.contains("/") }
                #expect(try await play.players[name].notify(notice, to: play.noticeURL(of: name)))
                try await play.agree("secret_\(name)")
            }
            play.service.process.signal(SIGTERM)
            #expect(try await play.service.process.waitForEnd() == .exited(0))
            let log = try await play.service.process.errors.all()
            #expect(log.count > 10)
            let whole = (log + play.service.process.output.lines).joined(separator: "\n")
            for secret in secrets { #expect(!whole.contains(secret), "\(secret.prefix(30)) in a log") }
        }
    }
}
