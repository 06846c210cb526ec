import PayCore
import Testing

@testable import PayAccess

@Suite struct OpenIDStatesTests {
    private let states = CheckoutTokens(secret: Secret("a token secret of more than 32 bytes")).openIDStates
    private let now = Instant(milliseconds: 1_795_341_600_000)
    private let longest = Channel("a" + String(repeating: "_", count: 31))!

    private func errand(_ channel: String = "wechat", isRepeated: Bool = false) -> OpenIDErrand {
        OpenIDErrand(channel: Channel(channel)!, isRepeated: isRepeated)
    }

    @Test(arguments: [false, true])
    func `a state names the channel, and tells a repetition`(isRepeated: Bool) {
        for channel in ["wechat", "shop_2", longest.name] {
            let errand = errand(channel, isRepeated: isRepeated)
            let state = states.state(errand, for: "c1.token", at: now)
            #expect(states.errand(in: state, for: "c1.token", at: now) == errand)
        }
    }

    @Test func `a state has at most 128 letters and digits, as WeChat demands`() {
        let state = states.state(errand(longest.name), for: "c1.token", at: now)
        #expect(state.wholeMatch(of: /[0-9A-Za-z]{1,128}/) != nil)
    }

    @Test func `a state is valid for ten minutes, up to, not at, its end`() {
        let state = states.state(errand(), for: "c1.token", at: now)
        let end = now + .seconds(600)
        #expect(states.errand(in: state, for: "c1.token", at: end - .milliseconds(1)) == errand())
        #expect(states.errand(in: state, for: "c1.token", at: end) == nil)
    }

    @Test func `a state of another token or another secret is refused`() {
        let state = states.state(errand(), for: "c1.token", at: now)
        #expect(states.errand(in: state, for: "c1.other", at: now) == nil)
        let others = CheckoutTokens(secret: Secret("another token secret of more than 32 bytes")).openIDStates
        #expect(others.errand(in: state, for: "c1.token", at: now) == nil)
    }

    @Test func `a changed, cut or lengthened state is refused`() {
        let state = Array(states.state(errand(), for: "c1.token", at: now).utf8)
        for index in state.indices {
            var changed = state
            changed[index] = changed[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            for other in [changed, Array(state[..<index]), state[..<index] + [UInt8(ascii: "0")] + state[index...]] {
                #expect(states.errand(in: String(decoding: other, as: UTF8.self), for: "c1.token", at: now) == nil)
            }
        }
        for text in ["", "0", "状态", String(decoding: state, as: UTF8.self).uppercased()] {
            #expect(states.errand(in: text, for: "c1.token", at: now) == nil)
        }
    }
}
