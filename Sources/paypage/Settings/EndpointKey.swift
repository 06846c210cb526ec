import PayCore

/// The keys that every webhook endpoint has: `webhook.endpoints.NAME.url`.
enum EndpointKey: String, CaseIterable, Sendable {
    case url, secret, events

    /// Whether the key takes several values.
    var isList: Bool { self != .url }

    /// The same key of the endpoint `default`: `webhook.url`.
    var shortForm: SettingKey {
        switch self {
        case .url: .webhookURL
        case .secret: .webhookSecret
        case .events: .webhookEvents
        }
    }
}

/// The name of a key of one webhook endpoint: `webhook.endpoints.NAME.WORD`.
struct EndpointWord: Hashable, Sendable {
    static let group = "webhook.endpoints"

    let endpoint: EndpointName
    let key: EndpointKey

    var name: String { Self.name(endpoint.text, key) }

    static func name(_ endpoint: String, _ key: EndpointKey) -> String { "\(group).\(endpoint).\(key.rawValue)" }

    /// Nil if `text` cannot be an endpoint's name. The endpoint `default` has the short form alone.
    static func endpoint(_ text: some StringProtocol) -> EndpointName? {
        let name = EndpointName(String(text))
        return name == .standard ? nil : name
    }
}

extension EndpointWord {
    /// `PAYPAGE_WEBHOOK_ENDPOINTS_THE_SHOP_URL` is `webhook.endpoints.the_shop.url`.
    init?(variable: String) {
        let prefix = SettingName.variable(for: Self.group) + "_"
        guard variable.hasPrefix(prefix) else { return nil }
        let rest = variable.dropFirst(prefix.count)
        guard let key = EndpointKey.allCases.first(where: { rest.hasSuffix("_" + $0.rawValue.uppercased()) }),
            let endpoint = Self.endpoint(rest.dropLast(key.rawValue.count + 1).lowercased())
        else { return nil }
        self.init(endpoint: endpoint, key: key)
        guard SettingName.variable(for: name) == variable else { return nil }
    }
}
