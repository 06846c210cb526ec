public import PayFlow
import Synchronization
import Testing

/// A source of openids that answers by a test's script, and records the codes. A code without a script line is an issue.
public final class ScriptedOpenIDs: OpenIDSource {
    private struct State {
        var codes: [String] = []
        var answers: [OpenIDAnswer] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// The codes that were exchanged.
    public var codes: [String] { state.withLock { $0.codes } }

    /// Adds these answers to the script, one for each further code.
    public func willAnswer(_ answers: OpenIDAnswer...) {
        state.withLock { $0.answers += answers }
    }

    public func authorizationURL(returningTo address: String, state: String) -> String {
        "https://open.weixin.example/authorize?redirect_uri=\(address)&state=\(state)#wechat_redirect"
    }

    public func openID(for code: String) async -> OpenIDAnswer {
        let answer = state.withLock { state -> OpenIDAnswer? in
            state.codes.append(code)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        if answer == nil { Issue.record("an openid was asked for without a script: \(code)") }
        return answer ?? .codeRefused
    }
}
