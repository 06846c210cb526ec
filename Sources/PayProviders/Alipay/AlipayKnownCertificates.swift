import Foundation
public import PayCore
import PayFlow
import Synchronization

/// The result of one fetch of a certificate of Alipay's.
public enum AlipayCertificateFetch: Hashable, Sendable {
    case fetched(number: String, endsAt: Instant)
    /// `reason` is safe to log.
    case failed(number: String, reason: String)
}

/// Alipay's certificates: the configured ones, and those that were fetched since the start of the process.
///
/// Alipay changes its certificate in time. Its messages name the certificate by number, and an unknown one is fetched
/// from its gateway. The fetched certificate is believed if it has this number and its chain ends at a root of the root
/// file; the signature of the answer proves nothing. The earlier certificates stay in use. A restart forgets the
/// fetched certificates, and the next answer fetches them again.
public final class AlipayKnownCertificates: Sendable {
    /// The origin of an unknown number.
    enum Origin: Sendable {
        /// An answer over a connection to Alipay.
        case reply
        /// A notice, which anybody can send.
        case notice
    }

    /// The minimum time between two fetches while Alipay's answers name an unknown certificate.
    static let pauseAfterReply = Duration.seconds(5)
    /// The minimum time between a fetch and another one that a notice causes.
    static let pauseAfterNotice = Duration.seconds(60)
    /// The most fetched certificates. Alipay uses one or two at a time, each for years.
    static let mostFetched = 8

    private struct Fetched {
        let certificate: AlipayCertificate
        /// Whether an answer named it. A notice alone may name a certificate that Alipay doesn't use for this account.
        var isInUse = false
    }

    private struct State {
        /// The latest first.
        var fetched: [Fetched] = []
        /// The unknown number that Alipay's last answer named.
        var missingInReply: String?
        /// The first unknown number of a notice since the last fetch for one.
        var missingInNotice: String?
        var triedAt: Instant?
        var isFetching = false

        /// The number to fetch now; nil if no fetch is due.
        func due(at now: Instant) -> String? {
            guard !isFetching else { return nil }
            if let missingInReply, isOver(AlipayKnownCertificates.pauseAfterReply, at: now) { return missingInReply }
            if let missingInNotice, isOver(AlipayKnownCertificates.pauseAfterNotice, at: now) { return missingInNotice }
            return nil
        }

        /// The clock may have been set back since the last try.
        private func isOver(_ pause: Duration, at now: Instant) -> Bool {
            triedAt.map { $0 > now || now - $0 >= pause } ?? true
        }
    }

    private let state = Mutex(State())
    private let configured: AlipayCertificates
    private let signer: AlipaySigner
    private let transport: GuardedTransport
    private let clock: any PayClock
    private let onFetch: @Sendable (AlipayCertificateFetch) -> Void

    init(
        _ configured: AlipayCertificates, signer: AlipaySigner, transport: GuardedTransport, clock: any PayClock,
        onFetch: @escaping @Sendable (AlipayCertificateFetch) -> Void
    ) {
        self.configured = configured
        self.signer = signer
        self.transport = transport
        self.clock = clock
        self.onFetch = onFetch
    }

    /// The application's certificate, which ends without a successor until the operator configures one.
    public var application: AlipayCertificate { configured.application }

    /// The certificate of Alipay's that is valid for longest, or the last that ended. Of the fetched certificates, only
    /// those count that an answer named.
    public var last: AlipayCertificate {
        let all = configured.alipay + state.withLock { $0.fetched.filter(\.isInUse).map(\.certificate) }
        return all.max { $0.endsAt < $1.endsAt } ?? configured.application
    }

    /// Whether a fetch is due: a message named an unknown certificate, and the last try is long enough ago.
    public var isDue: Bool { state.withLock { $0.due(at: clock.now()) != nil } }

    /// Fetches the missing certificate if a fetch is due. A clock job calls this.
    public func fetchMissing() async {
        _ = await fetchMissing(since: clock.uptime())
    }

    /// Fetches the missing certificate within the time of a call that began at the uptime `beginning`. Returns whether
    /// one was found. Does not wait for the fetch of another call.
    func fetchMissing(since beginning: Duration) async -> Bool {
        let due = state.withLock { state in
            let due = state.due(at: clock.now())
            if due != nil { state.isFetching = true }
            return due
        }
        guard let due else { return false }
        let result = await fetch(due, since: beginning)
        end(due, try? result.get())
        switch result {
        case .success(let certificate): onFetch(.fetched(number: due, endsAt: certificate.endsAt))
        case .failure(let flaw): onFetch(.failed(number: due, reason: flaw.reason))
        }
        return (try? result.get()) != nil
    }

    /// Whether a message names that certificate decides only which one is fetched next.
    func noteMissing(_ number: String, in origin: Origin) {
        guard Hexadecimal.bytes(16, ofLowercase: number) != nil else { return }
        state.withLock { state in
            switch origin {
            case .reply: state.missingInReply = number
            // The first number stays, because a flood of forged notices would otherwise always replace it.
            case .notice: if state.missingInNotice == nil { state.missingInNotice = number }
            }
        }
    }

    /// An answer named the certificate with that number.
    func noteUse(_ number: String) {
        state.withLock { state in
            guard let index = state.fetched.firstIndex(where: { $0.certificate.number == number }) else { return }
            state.fetched[index].isInUse = true
        }
    }

    /// The key of the certificate with that number. A fetched certificate is trusted only while it is valid.
    func key(_ number: String, at now: Instant) -> RSAVerifyingKey? {
        all(at: now).first { $0.number == number }?.key
    }

    func keys(at now: Instant) -> [RSAVerifyingKey] { all(at: now).map(\.key) }

    private func all(at now: Instant) -> [AlipayCertificate] {
        configured.alipay + state.withLock { $0.fetched.map(\.certificate).filter { $0.isValid(at: now) } }
    }

    private func end(_ number: String, _ found: AlipayCertificate?) {
        let now = clock.now()
        state.withLock { state in
            state.isFetching = false
            state.triedAt = now
            // A message that names it again asks for it again.
            if state.missingInReply == number { state.missingInReply = nil }
            if state.missingInNotice == number { state.missingInNotice = nil }
            guard let found else { return }
            var others = state.fetched.filter { $0.certificate.number != number }
            if others.count >= Self.mostFetched {
                others.remove(at: others.lastIndex { !$0.isInUse } ?? others.endIndex - 1)
            }
            state.fetched = [Fetched(certificate: found)] + others
        }
    }
}

extension AlipayKnownCertificates {
    /// Why a fetch gave no certificate.
    private struct Flaw: Error {
        let reason: String
    }

    private func fetch(_ number: String, since beginning: Duration) async -> Result<AlipayCertificate, Flaw> {
        let request = signer.call(.certificate, AlipayWire.CertificateName(number: number), at: clock.now())
        let reply: ProviderReply
        do throws(TransportError) {
            reply = try await transport.send(request, since: beginning)
        } catch {
            return .failure(Flaw(reason: "\(error.reason)"))
        }
        // The signature of this answer may be made with the missing certificate. Only the chain is verified.
        guard reply.status == 200, let found = AlipayReplyScanner.scan(reply.body, node: AlipayMethod.certificate.node),
            let answer = AlipayWire.decode(found.node)
        else { return .failure(Flaw(reason: "unreadable answer")) }
        guard answer.code == AlipayCode.success else {
            return .failure(Flaw(reason: AlipayCode(code: answer.code, subCode: answer.subCode).reason))
        }
        guard let content = answer.certificateContent.flatMap({ Data(base64Encoded: $0) }),
            let file = try? AlipayCertificateFile(text: String(decoding: content, as: UTF8.self))
        else { return .failure(Flaw(reason: "unreadable certificate")) }
        do throws(AlipayChainFlaw) {
            return .success(try configured.believed(file, named: number, at: clock.now()))
        } catch {
            return .failure(Flaw(reason: error.rawValue))
        }
    }
}
