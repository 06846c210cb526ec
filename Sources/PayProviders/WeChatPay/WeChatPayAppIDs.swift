public import PayCore

/// The merchant's appids, by the terminal that pays.
///
/// An official account, a mini program and a mobile app have an appid each. WeChat Pay binds several of them to one
/// merchant id. An openid belongs to one appid, and an app pays by its own appid only.
public struct WeChatPayAppIDs: Hashable, Sendable {
    /// The appid of every terminal without its own.
    public let standard: String
    private let own: [Terminal: String]

    public init(_ standard: String, app: String? = nil, jsapi: String? = nil, mini: String? = nil) {
        self.standard = standard
        own = [Terminal.app: app, .jsapi: jsapi, .mini: mini].compactMapValues { $0 }
    }

    public subscript(terminal: Terminal) -> String { own[terminal] ?? standard }
}
