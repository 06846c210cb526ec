import Logging
import PayCore
import PayFlow
import PayProviders
public import ServiceLifecycle

/// Sends the sandbox's notices in the background and retries until they are acknowledged.
///
/// A service, so that pending notices end with the process, after its service group was told to shut down.
public struct SandboxNotices: Service {
    /// The delays before the retries, growing like a provider's. After the last try the notice is abandoned, and
    /// clients have to query.
    static let backOff: [Duration] = [.seconds(1), .seconds(2), .seconds(5), .seconds(10), .seconds(30), .seconds(60)]

    /// The capacity of the queue until the sender starts. Further notices are dropped.
    private static let mostWaiting = 10_000

    private let signer: SandboxSigner
    private let transport: any ProviderTransport
    private let clock: any PayClock
    private let logger: Logger
    private let letters: AsyncStream<Letter>
    private let box: AsyncStream<Letter>.Continuation

    init(signer: SandboxSigner, transport: any ProviderTransport, clock: any PayClock, logger: Logger) {
        self.signer = signer
        self.transport = transport
        self.clock = clock
        self.logger = logger
        (letters, box) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
    }

    /// A notice to send.
    struct Letter: Sendable {
        let notice: SandboxWire.Notice
        let url: String
        let trouble: NoticeTrouble?
    }

    /// Returns at once; ``run()`` sends the notice.
    func post(_ letter: Letter) {
        if case .dropped = box.yield(letter) {
            logger.warning("sandbox notice dropped, queue is full", metadata: ["notice.id": "\(letter.notice.id)"])
        }
    }

    /// Sends notices until the process shuts down. Must be called only once.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await letter in letters {
                    group.addTask { await deliver(letter) }
                }
                group.cancelAll()
            }
        }
    }
}

extension SandboxNotices {
    private func deliver(_ letter: Letter) async {
        do {
            switch letter.trouble {
            case nil: try await insist(letter)
            case .never: break
            case .late(let wait):
                try await clock.sleep(for: wait)
                try await insist(letter)
            case .twice:
                try await insist(letter)
                try await insist(letter)
            }
        } catch {
            // Only the sleep throws, and only at shutdown.
            logger.debug("sandbox notice abandoned at shutdown", metadata: ["notice.id": "\(letter.notice.id)"])
        }
    }

    /// Retries until the notice is acknowledged or the tries are used up.
    private func insist(_ letter: Letter) async throws {
        if await isTaken(letter) { return }
        for pause in Self.backOff {
            try await clock.sleep(for: pause)
            if await isTaken(letter) { return }
        }
        logger.warning("sandbox notice abandoned, never acknowledged", metadata: ["notice.id": "\(letter.notice.id)"])
    }

    /// Sends the notice once. Each try is signed anew, because a signature expires.
    private func isTaken(_ letter: Letter) async -> Bool {
        let body = SandboxWire.encode(letter.notice)
        let signature = signer.sign(body, for: .notice(channel: letter.notice.channel), at: clock.now())
        let request = ProviderRequest(
            method: .post, url: letter.url,
            headers: [Header(name: "Content-Type", value: "application/json")] + signature.headers, body: body)
        do throws(TransportError) {
            let reply = try await transport.send(request)
            return reply.status == 200 && reply.body.elementsEqual("success".utf8)
        } catch {
            return false
        }
    }
}

extension SandboxNotices.Letter {
    /// The notice of a payment.
    init(paid trade: SandboxTrade, _ payment: SandboxWire.Payment, trouble: NoticeTrouble?) {
        self.init(
            notice: SandboxWire.Notice(
                id: "notice_\(payment.transactionID)", channel: trade.particulars.channel, tradeNumber: trade.number,
                payment: payment, refundNumber: nil),
            url: trade.particulars.notifyURL, trouble: trouble)
    }

    /// The notice of a refund. Faults apply to payment notices only.
    init(refunded trade: SandboxTrade, _ refund: SandboxRefund) {
        self.init(
            notice: SandboxWire.Notice(
                id: "notice_\(refund.number)", channel: trade.particulars.channel, tradeNumber: trade.number,
                payment: nil, refundNumber: refund.number, refundedAtMS: refund.at.milliseconds),
            url: trade.particulars.notifyURL, trouble: nil)
    }
}
