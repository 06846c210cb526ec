import PayCore
import PayFlow

/// The sandbox's bills.
struct SandboxBills: BillSource {
    private let configuration: SandboxConfiguration
    private let signer: SandboxSigner
    private let downloads: FileDownloader
    private let clock: any PayClock

    init(
        _ configuration: SandboxConfiguration, signer: SandboxSigner, downloads: FileDownloader, clock: any PayClock
    ) {
        self.configuration = configuration
        self.signer = signer
        self.downloads = downloads
        self.clock = clock
    }

    /// The sandbox itself refuses the bill of a day that is not over. A fault of it makes an exception, so that a bill can
    /// be tried at once.
    func bill(
        of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> BillAnswer {
        let (file, digest): (SpoolFile, String)
        do throws(NoBill) {
            (file, digest) = try await download(day)
        } catch {
            return error.answer
        }
        return BillAnswer(
            try await BillReading.handOver(FileBytes(file), to: SandboxBillParser(), take), digest: digest)
    }

    /// The verified file and its digest.
    private func download(_ day: BillDay) async throws(NoBill) -> (file: SpoolFile, digest: String) {
        let operation = SandboxWire.Operation.bill
        let body = SandboxWire.encode(SandboxWire.BillName(channel: configuration.channel.name, date: "\(day)"))
        let signature = signer.sign(body, for: .request(method: "POST", path: operation.path), at: clock.now())
        let request = ProviderRequest(
            method: .post, url: configuration.baseURL() + operation.path,
            headers: [Header(name: "Content-Type", value: "application/json")] + signature.headers, body: body)
        let (reply, file) = try await downloads.fetch(request)
        let isSigned: Bool
        let (text, digest): ([UInt8], String)
        do throws(BillFlaw) {
            isSigned = try await signer.isSigned(
                timestamp: reply.header(SandboxSignature.timestampHeader),
                signature: reply.header(SandboxSignature.signatureHeader), file,
                for: .reply(status: reply.status, toRequestSignedBy: signature.text))
            text = try file.read(from: 0, most: BillLimits.pieceBytes)
            digest = try await file.digest()
        } catch {
            throw NoBill(error)
        }
        guard isSigned else { throw NoBill(.unknown(.answered(reply.isServerError ? .serverError : .signature))) }
        guard reply.status == 200 else {
            let signed = ProviderReply(status: reply.status, headers: reply.headers, body: text)
            throw NoBill(BillAnswer(SandboxOutcome(signed: signed)))
        }
        return (file, digest)
    }
}

extension BillAnswer {
    fileprivate init(_ outcome: SandboxOutcome) {
        switch outcome {
        case .refused(.noBill, _): self = .noneThatDay
        case .refused(.billNotReady, let reason): self = .notReady(reason: reason)
        case .refused(_, let reason): self = .refused(reason: reason)
        case .unknown(let doubt): self = .unknown(doubt)
        case .done, .neverSent: self = .unknown(.answered(.unreadable))
        }
    }
}
