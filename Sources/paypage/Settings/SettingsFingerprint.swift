import Crypto
import Foundation
import PayCore

/// The hashes of all values of the settings, with the content of the files that they name. Two readings are compared by
/// them, and no value is kept.
struct SettingsFingerprint: Sendable {
    private let hashes: [String: SHA256Digest]

    /// A larger file is no key, certificate or image, and the reading of the settings refuses it.
    private static let largestFile = 8 << 20

    init(environment: [String: String], configFile: String?) throws(SettingsMistakes) {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var values: [String: SettingsFile.Value] = [:]
        for (key, value) in sources.values {
            values[sources.longForms.contains(key) ? key.longName : key.name] = value
        }
        for (channel, words) in sources.channels {
            for (word, value) in words { values[ChannelWord.name(channel.name, word)] = value }
        }
        for (word, value) in sources.endpoints { values[word.name] = value }
        hashes = Dictionary(uniqueKeysWithValues: values.map { ($0, Self.hash(of: $1, named: $0)) })
    }

    /// The names of the settings that differ, sorted.
    func changes(since earlier: SettingsFingerprint) -> [String] {
        let names = Set(hashes.keys).union(earlier.hashes.keys)
        return names.filter { hashes[$0] != earlier.hashes[$0] }.sorted()
    }

    private static func hash(of value: SettingsFile.Value, named name: String) -> SHA256Digest {
        var hash = SHA256()
        func take(_ bytes: Data) {
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: bytes)
        }
        let isFile = name.hasSuffix(".file") || name == SettingKey.shopLogo.name
        let items =
            switch value {
            case .text(let text): [text]
            case .list(let items): items
            }
        for item in items { take(Data(item.utf8)) }
        guard isFile else { return hash.finalize() }
        for path in value.items {
            let file = FileHandle(forReadingAtPath: path)
            defer { try? file?.close() }
            take((try? file?.read(upToCount: largestFile)) ?? Data())
        }
        return hash.finalize()
    }
}

extension SettingKey {
    /// `channels.alipay.app.id` for `alipay.app.id`.
    fileprivate var longName: String {
        guard let kind, let word else { return name }
        return ChannelWord.name(kind.shortFormChannel.name, word)
    }
}
