import Foundation
import PayCore
import PayProviders

extension Settings {
    /// The webhook endpoints alone, for a command beside the service.
    static func webhookEndpoints(
        environment: [String: String], configFile: String?
    ) throws(SettingsMistakes) -> [WebhookEndpoint] {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var reader = SettingsReader(sources, dev: false, randomSecret: { "" })
        let known = reader.mistakes.count
        let endpoints = reader.webhooks()
        // Mistakes of other keys are the service's.
        let mistakes = Array(reader.mistakes.dropFirst(known))
        guard mistakes.isEmpty else { throw SettingsMistakes(all: mistakes) }
        return endpoints
    }
}

extension SettingsReader {
    /// The merchant's webhook endpoints, by name. The endpoint `default` has the keys `webhook.url` and its like.
    mutating func webhooks() -> [WebhookEndpoint] {
        let short = EndpointKey.allCases.compactMap { key in sources.values[key.shortForm].map { (key, $0) } }
        let long = Dictionary(grouping: sources.endpoints, by: \.key.endpoint).mapValues { words in
            words.map { ($0.key.key, $0.value) }
        }
        let values = long.merging([.standard: short]) { $1 }.filter { !$0.value.isEmpty }
        if values.count > WebhookEndpoint.most {
            let remedy = "configure up to \(WebhookEndpoint.most)"
            refuse(.webhookURL, Complaint("is one of \(values.count) endpoints", remedy: remedy))
        }
        return values.sorted { $0.key < $1.key }.compactMap { name, words in
            webhook(name, Dictionary(words) { $1 })
        }
    }

    /// Nil if a value is missing or invalid, which is a mistake.
    private mutating func webhook(_ name: EndpointName, _ values: [EndpointKey: SettingsFile.Value]) -> WebhookEndpoint?
    {
        let urls = items(.url, of: name, values, EndpointURL.parse)
        let signers = items(.secret, of: name, values, SettingRules.webhookSecret)
        let kinds = items(.events, of: name, values, SettingRules.eventKinds)
        let missing = [EndpointKey.url, .secret].filter { values[$0] == nil }
        if let first = missing.first {
            let set = missing.count == 1 ? (first == .url ? EndpointKey.secret : .url) : .events
            let complaint = Complaint(
                "is not set, but \(self.name(of: set, of: name)) is", remedy: "set both to send webhooks, or neither")
            refuse(SettingMistake(subject: .key(self.name(of: first, of: name)), complaint: complaint))
        }
        guard let url = urls?.first, let signers, values[.events] == nil || kinds != nil else { return nil }
        return WebhookEndpoint(
            name: name, url: url, signers: signers, kinds: kinds.map { $0.reduce(into: []) { $0.formUnion($1) } })
    }

    private func name(of key: EndpointKey, of endpoint: EndpointName) -> String {
        endpoint == .standard ? key.shortForm.name : EndpointWord(endpoint: endpoint, key: key).name
    }

    /// The values of a key; nil if it is not set, or has a mistake.
    private mutating func items<Value>(
        _ key: EndpointKey, of endpoint: EndpointName, _ values: [EndpointKey: SettingsFile.Value], _ rule: Rule<Value>
    ) -> [Value]? {
        guard let value = values[key] else { return nil }
        let texts = key.isList ? value.items : value.text.map { [$0] } ?? []
        let name = name(of: key, of: endpoint)
        if texts.isEmpty { refuse(SettingMistake(subject: .key(name), complaint: SettingRules.isEmpty)) }
        var list: [Value] = []
        for (index, text) in texts.enumerated() {
            do {
                list.append(try rule(SettingRules.cleaned(text, isSecret: key == .secret)))
            } catch {
                let place = texts.count == 1 ? "" : "item \(index + 1) "
                refuse(
                    SettingMistake(
                        subject: .key(name), complaint: Complaint(place + error.problem, remedy: error.remedy)))
            }
        }
        return list.isEmpty || list.count < texts.count ? nil : list
    }
}

extension WebhookEndpoint {
    /// Each endpoint has a job of its own.
    static let most = 8
}

extension SettingRules {
    static func webhookSecret(_ text: String) throws(Complaint) -> WebhookSigner {
        guard let signer = WebhookSigner(secret: Secret(text)) else {
            let remedy = "write base64 after whsec_ (echo whsec_$(openssl rand -base64 32))"
            throw Complaint("begins with whsec_, but continues with invalid base64", remedy: remedy)
        }
        guard !signer.hasShortKey else {
            let problem = "is too short: \(signer.keyByteCount) bytes (base64 decoded)"
            let remedy = "use at least \(WebhookSigner.shortestStrongKey) bytes (echo whsec_$(openssl rand -base64 32))"
            throw Complaint(problem, remedy: remedy)
        }
        return signer
    }

    /// One type of events, or a group such as `refund.*`.
    static func eventKinds(_ text: String) throws(Complaint) -> Set<OrderEvent.Kind> {
        let all = OrderEvent.Kind.allCases
        let isGroup = text.hasSuffix(".*")
        let kinds = all.filter { isGroup ? $0.rawValue.hasPrefix(text.dropLast()) : $0.rawValue == text }
        guard kinds.isEmpty else { return Set(kinds) }
        let remedy =
            SettingName.nearest(to: text, of: all.map(\.rawValue)).map { "did you mean \($0)?" }
            ?? "expected types such as order.paid or refund.*"
        throw Complaint("names no type of events\(shown(text))", remedy: remedy)
    }
}

/// The URL of a single endpoint: absolute, and https except on loopback. It may have a query, and is called as written,
/// except for the spelling of the host.
enum EndpointURL {
    static func parse(_ text: String) throws(Complaint) -> String {
        let query = text.drop { $0 != "?" }
        guard !query.contains("#"), query.isPercentEncoded else {
            throw Complaint("is not a URL, or has a fragment (#)", remedy: "write it as https://HOST/PATH")
        }
        let address = text.dropLast(query.count)
        let slashes = address.reversed().prefix { $0 == "/" }
        return try BaseURL.parse(String(address)) + String(slashes) + query
    }
}
