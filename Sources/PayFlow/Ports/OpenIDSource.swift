public import PayCore

/// Learns the openid of a buyer inside WeChat by OAuth, without asking the buyer (`snsapi_base`).
public protocol OpenIDSource: Sendable {
    /// The address to which the buyer's browser is sent. WeChat sends it back to `address` with a `code` and `state`.
    /// A state has at most 128 characters, each of them a letter or a digit (WeChat's page on web authorization).
    func authorizationURL(returningTo address: String, state: String) -> String

    /// Exchanges the code for the buyer's openid. A code works once and lives five minutes.
    func openID(for code: String) async -> OpenIDAnswer
}

/// The answer to an OAuth code.
public enum OpenIDAnswer: Hashable, Sendable {
    case found(String)
    /// The code has expired or was used: the buyer's browser has to be sent for another one.
    case codeRefused
    /// The call failed, or the settings are wrong.
    case unknown(Doubt)
}
