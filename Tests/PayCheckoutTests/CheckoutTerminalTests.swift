import PayCore
import PayFlow
import Testing

@testable import PayCheckout

@Suite struct CheckoutTerminalTests {
    private static let windows =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"

    @Test(arguments: [
        (nil, Terminal.pc), ("", .pc), (windows, .pc), ("curl/8.0", .pc),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17 Safari/605.1.15", .pc),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", .h5),
        ("Mozilla/5.0 (iPad; CPU OS 12_0 like Mac OS X) AppleWebKit/605.1.15", .h5),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", .h5),
        ("Mozilla/5.0 (Linux; Android 14; Tablet) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", .h5),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile AlipayClient/10.5", .h5),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile MicroMessenger/8.0.40 NetType/WIFI", .jsapi),
        ("Mozilla/5.0 (iPhone) Mobile MicroMessenger/8.0.40 NetType/WIFI miniProgram/wx8888888888888888", .mini),
        ("Mozilla/5.0 (Windows NT 10.0) MicroMessenger/7.0.20 NetType/WIFI WindowsWechat", .pc),
    ])
    func `the terminal is derived from the user agent`(userAgent: String?, terminal: Terminal) {
        #expect(CheckoutTerminal.of(userAgent: userAgent) == terminal)
    }

    @Test(
        arguments: [
            (nil, nil), (windows, nil), ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile AlipayClient/10.5", .alipay),
            ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile MicroMessenger/8.0.40 NetType/WIFI", .wechat),
            ("Mozilla/5.0 (Windows NT 10.0) MicroMessenger/7.0.20 NetType/WIFI WindowsWechat", nil),
        ] as [(String?, CheckoutApp?)])
    func `the payment app is derived from the user agent`(userAgent: String?, app: CheckoutApp?) {
        #expect(CheckoutApp(userAgent: userAgent) == app)
    }

    @Test func `an app opens its own channels first, and the other app's never`() {
        let list = ChannelList([
            .init(Channel("stripe")!, .stripe), .init(Channel("wechat")!, .wechat), .init(Channel("shop2")!, .wechat),
            .init(Channel("alipay")!, .alipay),
        ])
        let all = list.entries.map(\.channel)
        #expect(CheckoutApp.alipay.usable(all, on: .h5, in: list).map(\.name) == ["alipay", "stripe"])
        #expect(CheckoutApp.wechat.usable(all, on: .jsapi, in: list).map(\.name) == ["wechat", "shop2", "stripe"])
        #expect(CheckoutApp.wechat.usable(all, on: .h5, in: list).map(\.name) == ["stripe"])
    }
}
