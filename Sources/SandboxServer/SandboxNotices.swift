import Logging
import PayCore
import PayFlow
import PayProviders
public import ServiceLifecycle

/// Sends the sandbox's notices, beside whatever else it does, and again until they are taken.
///
/// A service, so that what is still to be sent ends with the process, and not before the group that it runs in is told.
public struct SandboxNotices: Service {
    /// How long it waits before each further try: like a provider's, first short and then longer. After the last it
    /// gives up, and whoever wants to know has to ask.
    static let backOff: [Duration] = [.seconds(1), .seconds(2), .seconds(5), .seconds(10), .seconds(30), .seconds(60)]

    /// What may wait for the sender when it has not begun; further notices are lost, as they are in life.
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

    /// A notice on its way.
    struct Letter: Sendable {
        let notice: SandboxWire.Notice
        let url: String
        let trouble: NoticeTrouble?
    }

    /// Returns at once: the notice is sent by ``run()``.
    func post(_ letter: Letter) {
        if case .dropped = box.yield(letter) {
            logger.warning("sandbox notice dropped, queue is full", metadata: ["notice.id": "\(letter.notice.id)"])
        }
    }

    /// Sends until the process is told to end. To be run once.
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
            // Only sleeping throws, and only when the process ends.
            logger.debug("sandbox notice abandoned at shutdown", metadata: ["notice.id": "\(letter.notice.id)"])
        }
    }

    /// Sends until it is taken, or the last try is over.
    private func insist(_ letter: Letter) async throws {
        if await isTaken(letter) { return }
        for pause in Self.backOff {
            try await clock.sleep(for: pause)
            if await isTaken(letter) { return }
        }
        logger.warning("sandbox notice abandoned, never acknowledged", metadata: ["notice.id": "\(letter.notice.id)"])
    }

    /// Sends once, signed anew, because a signature is believed for a while only.
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
    /// The news that a trade was paid.
    init(paid trade: SandboxTrade, _ payment: SandboxWire.Payment, trouble: NoticeTrouble?) {
        self.init(
            notice: SandboxWire.Notice(
                id: "notice_\(payment.transactionID)", channel: trade.particulars.channel, tradeNumber: trade.number,
                payment: payment, refundNumber: nil),
            url: trade.particulars.notifyURL, trouble: trouble)
    }

    /// The news that a refund went through. Faults are for the news of payments.
    init(refunded trade: SandboxTrade, refundNumber: String) {
        self.init(
            notice: SandboxWire.Notice(
                id: "notice_\(refundNumber)", channel: trade.particulars.channel, tradeNumber: trade.number,
                payment: nil, refundNumber: refundNumber),
            url: trade.particulars.notifyURL, trouble: nil)
    }
}
