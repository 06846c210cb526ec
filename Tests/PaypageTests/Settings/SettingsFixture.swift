import Foundation
import PayCore
import PayProviders
import Testing

@testable import paypage

/// The minimal settings for a start without `--dev`, and ways to load more.
enum SettingsFixture {
    static let apiKey = "pk_0123456789abcdef"
    static let tokenSecret = "token-secret-of-more-than-32-bytes"
    static let sandboxSecret = "sandbox-secret"

    static let enough = [
        "PAYPAGE_API_KEYS": apiKey,
        "PAYPAGE_TOKEN_SECRET": tokenSecret,
        "PAYPAGE_PUBLIC_URL": "https://pay.example.com",
        "PAYPAGE_SANDBOX_ENABLED": "true",
        "PAYPAGE_SANDBOX_BASE_URL": "http://127.0.0.1:9000/sandbox",
        "PAYPAGE_SANDBOX_SECRET": sandboxSecret,
    ]

    static let madeSecret = "made-by-dev-made-by-dev-made-by-dev"

    /// The settings of `environment` alone, and of a file with the content `file`.
    static func load(_ environment: [String: String], file: String? = nil, dev: Bool = false) throws -> Settings {
        guard let file else { return try load(environment, path: nil, dev: dev) }
        let path = FileManager.default.temporaryDirectory.appending(path: "paypage-\(UUID()).yaml").path
        try Data(file.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try load(environment, path: path, dev: dev)
    }

    static func load(_ environment: [String: String], path: String?, dev: Bool = false) throws -> Settings {
        try Settings.load(environment: environment, configFile: path, dev: dev, randomSecret: { madeSecret })
    }

    /// ``enough`` with `changes`; an empty text removes a variable.
    static func enough(_ changes: [String: String]) -> [String: String] {
        enough.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    /// The lines of all mistakes; none if the settings load.
    static func mistakes(_ environment: [String: String], file: String? = nil, dev: Bool = false) throws -> [String] {
        do {
            _ = try load(environment, file: file, dev: dev)
            return []
        } catch let mistakes as SettingsMistakes {
            return mistakes.description.split(separator: "\n").map(String.init)
        }
    }
}

extension Settings {
    /// The only account of a provider; nil if there is none.
    var alipay: Alipay? {
        accounts.lazy.compactMap { if case .alipay(let alipay) = $0.provider { alipay } else { nil } }.first
    }

    var weChatPay: WeChatPay? {
        accounts.lazy.compactMap { if case .weChatPay(let weChatPay) = $0.provider { weChatPay } else { nil } }.first
    }

    var stripe: StripeConfiguration? {
        accounts.lazy.compactMap { if case .stripe(let stripe) = $0.provider { stripe } else { nil } }.first
    }

    /// The names of the sandbox's channels.
    var sandboxes: [String] { accounts.filter { $0.kind == .sandbox }.map(\.channel.name) }

    func account(_ name: String) -> Account? { accounts.first { $0.channel.name == name } }
}
