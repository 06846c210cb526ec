import Crypto
import CryptoExtras
import Foundation
public import PayCore
import PayFlow
import SwiftASN1
import Synchronization
import X509

/// WeChat Pay's platform certificates, cached in memory. Fetches, decrypts and verifies them, and refreshes them in
/// time.
///
/// A failed or unverified fetch changes nothing: the cached certificates stay in use as long as they are valid.
public final class WeChatPayCertificates: Sendable {
    /// WeChat requires a refresh at least this often. It publishes a new certificate days before its first use.
    static let freshFor = Duration.seconds(12 * 3_600)
    /// The minimum time between two fetches caused by an unknown serial, because anybody can send one.
    static let pause = Duration.seconds(60)
    /// The minimum time between two fetches while no key is available and no answer can be verified.
    static let pauseWhenBlind = Duration.seconds(5)

    private struct State {
        var known: [WeChatPayCertificate] = []
        var fetchedAt: Instant?
        var triedAt: Instant?
        /// A message named an unknown certificate.
        var isMissingOne = false
        var fetching: Task<Void, Never>?
        /// Why the last fetch failed; nil if it succeeded.
        var failure: UnknownReason?

        func hasAny(at now: Instant) -> Bool { known.contains { $0.isValid(at: now) } }

        /// `isOnlyTrust`: no public key is configured, so answers can be verified by certificates only.
        func isDue(isOnlyTrust: Bool, at now: Instant) -> Bool {
            guard let triedAt else { return true }
            let isBlind = isOnlyTrust && !hasAny(at: now)
            let isOld = fetchedAt.map { now - $0 >= WeChatPayCertificates.freshFor } ?? true
            guard isBlind || isOld || isMissingOne else { return false }
            // The clock was set back since the last try.
            if triedAt > now { return true }
            return now - triedAt >= (isBlind ? WeChatPayCertificates.pauseWhenBlind : WeChatPayCertificates.pause)
        }
    }

    private let state = Mutex(State())
    private let configuration: WeChatPayConfiguration
    private let signer: WeChatPaySigner
    private let transport: GuardedTransport
    private let clock: any PayClock

    /// Begins with the known certificates of `old`, and fetches soon.
    init(
        _ configuration: WeChatPayConfiguration, signer: WeChatPaySigner, transport: GuardedTransport,
        clock: any PayClock, keeping old: WeChatPayCertificates? = nil
    ) {
        self.configuration = configuration
        self.signer = signer
        self.transport = transport
        self.clock = clock
        guard let known = old?.state.withLock({ $0.known }) else { return }
        state.withLock { $0.known = known }
    }

    /// The serial numbers of the certificates that are valid now, in capitals.
    public var serials: [String] {
        let now = clock.now()
        let valid = state.withLock { state in state.known.filter { $0.isValid(at: now) } }
        return valid.map(\.serial).sorted()
    }

    /// A known certificate and its end.
    public struct Known: Hashable, Sendable {
        public let serial: String
        public let endsAt: Instant
    }

    /// The certificate that is valid for longest; nil if none is valid.
    public func last(at now: Instant) -> Known? {
        let valid = state.withLock { state in state.known.filter { $0.isValid(at: now) } }
        return valid.max { $0.endsAt < $1.endsAt }.map { Known(serial: $0.serial, endsAt: $0.endsAt) }
    }

    /// Fetches the certificates. Concurrent calls share one fetch.
    public func refresh() async {
        await fetching().value
    }

    /// Whether a fetch is due: no certificate, old certificates or a missing one, and no recent try.
    func isDue(at now: Instant) -> Bool {
        state.withLock { $0.isDue(isOnlyTrust: isOnlyTrust, at: now) }
    }

    /// Whether the answer to a call sent now can be verified. Without a certificate, waits for a fetch. With one, a due
    /// fetch runs in the background.
    func prepare(at now: Instant) async -> Bool {
        let (hasAny, isUnderWay, isDue) = state.withLock { state in
            (state.hasAny(at: now), state.fetching != nil, state.isDue(isOnlyTrust: isOnlyTrust, at: now))
        }
        if hasAny || !isOnlyTrust {
            if isDue { _ = fetching() }
            return true
        }
        if isUnderWay || isDue { await refresh() }
        return !serials.isEmpty
    }

    /// Why no answer can be verified while there is no certificate.
    var whyBlind: UnknownReason { state.withLock { $0.failure } ?? .serial }

    func noteMissing() {
        state.withLock { $0.isMissingOne = true }
    }

    /// The key of the certificate with that serial, while the certificate is valid.
    func key(_ serial: String, at now: Instant) -> RSAVerifyingKey? {
        let serial = serial.asCertificateSerial
        return state.withLock { state in
            state.known.first { $0.serial == serial && $0.isValid(at: now) }?.key
        }
    }

    private var isOnlyTrust: Bool { configuration.publicKeys.isEmpty }

    private func fetching() -> Task<Void, Never> {
        state.withLock { state in
            if let fetching = state.fetching { return fetching }
            let task = Task { await self.fetchAndKeep() }
            state.fetching = task
            return task
        }
    }

    private func fetchAndKeep() async {
        let outcome = await fetch()
        let now = clock.now()
        state.withLock { state in
            state.fetching = nil
            state.triedAt = now
            let fetched: [WeChatPayCertificate]
            switch outcome {
            case .success(let found):
                fetched = found
                state.failure = nil
            case .failure(let blindness):
                state.failure = blindness.reason
                return
            }
            state.fetchedAt = now
            state.isMissingOne = false
            let serials = Set(fetched.map(\.serial))
            state.known = fetched + state.known.filter { $0.isValid(at: now) && !serials.contains($0.serial) }
        }
    }

    /// Why a fetch of certificates failed.
    private struct Blindness: Error {
        let reason: UnknownReason
    }

    private func fetch() async -> Result<[WeChatPayCertificate], Blindness> {
        let request = WeChatPayCall.certificates.request(to: configuration, signedBy: signer, at: clock.now())
        let reply: ProviderReply
        do throws(TransportError) {
            reply = try await transport.send(request)
        } catch {
            return .failure(Blindness(reason: error.reason.whyUnknown))
        }
        guard reply.status == 200 else { return .failure(Blindness(reason: WeChatPayOutcome(unsigned: reply).reason)) }
        guard let list = WeChatPayWire.decode(WeChatPayWire.CertificateList.self, from: reply.body) else {
            return .failure(Blindness(reason: .unreadable))
        }
        guard let found = believed(list, of: reply) else { return .failure(Blindness(reason: .signature)) }
        return .success(found)
    }

    /// Nil unless the answer is signed by one of its own certificates, or by a key that is trusted already.
    private func believed(_ list: WeChatPayWire.CertificateList, of reply: ProviderReply) -> [WeChatPayCertificate]? {
        guard let signature = WeChatPaySignature(reply) else { return nil }
        let now = clock.now()
        let found = list.data.compactMap { WeChatPayCertificate($0, openedWithOneOf: configuration.apiV3Keys) }
            .filter { $0.isValid(at: now) }
        let signer = found.first { $0.serial == signature.serial.asCertificateSerial }?.key
        guard let key = signer ?? trustedKey(signature.serial, at: now), signature.isFresh(at: now),
            signature.isValid(for: reply.body, by: key)
        else { return nil }
        return found
    }

    private func trustedKey(_ serial: String, at now: Instant) -> RSAVerifyingKey? {
        configuration.publicKeys.first { $0.id == serial }?.key ?? key(serial, at: now)
    }
}

extension WeChatPayWire {
    struct CertificateList: Decodable {
        let data: [SealedCertificate]
    }

    struct SealedCertificate: Decodable {
        let serialNumber: String
        let encryptCertificate: WeChatPaySealed

        private enum CodingKeys: String, CodingKey {
            case serialNumber = "serial_no"
            case encryptCertificate = "encrypt_certificate"
        }
    }
}

/// The used part of a platform certificate: its key, its serial number and its validity.
struct WeChatPayCertificate: Sendable {
    /// Hexadecimal digits in capitals, without leading zeros.
    let serial: String
    let key: RSAVerifyingKey
    private let notBefore: Date
    private let notAfter: Date

    /// Nil unless the certificate decrypts with one of the keys, holds an RSA key of 2048 bits or more, and has the stated
    /// serial number. Its trust comes from the encryption with the APIv3 key, not from its chain.
    init?(_ sealed: WeChatPayWire.SealedCertificate, openedWithOneOf keys: [Secret]) {
        guard let bytes = sealed.encryptCertificate.open(withOneOf: keys),
            let certificate = try? Certificate(pemEncoded: String(decoding: bytes, as: UTF8.self)),
            let publicKey = _RSA.Signing.PublicKey(certificate.publicKey), publicKey.keySizeInBits >= 2_048
        else { return nil }
        let serial = Hexadecimal.text(of: certificate.serialNumber.bytes).asCertificateSerial
        guard !serial.isEmpty, sealed.serialNumber.asCertificateSerial == serial else { return nil }
        self.serial = serial
        self.key = RSAVerifyingKey(key: publicKey)
        notBefore = certificate.notValidBefore
        notAfter = certificate.notValidAfter
    }

    var endsAt: Instant { Instant(clampingSeconds: Int64(notAfter.timeIntervalSince1970)) }

    func isValid(at now: Instant) -> Bool {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1_000)
        return notBefore <= date && date <= notAfter
    }
}

extension String {
    /// The canonical spelling of a serial number: hexadecimal digits in capitals, without leading zeros.
    fileprivate var asCertificateSerial: String { String(drop { $0 == "0" }).uppercased() }
}
