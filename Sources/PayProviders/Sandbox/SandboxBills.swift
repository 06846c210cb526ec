import Crypto
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
        switch await download(day) {
        case .failure(let answer): return answer.answer
        case .success(let (file, digest)):
            switch try await BillReading.handOver(FileBytes(file), to: SandboxBillParser(), take) {
            case .success(let rows): return .bill(BillFile(digest: digest, rows: rows))
            case .failure(let flaw): return BillAnswer(flaw)
            }
        }
    }

    /// The file and its digest. The file is verified.
    private func download(_ day: BillDay) async -> Result<(SpoolFile, String), NoBill> {
        let operation = SandboxWire.Operation.bill
        let body = SandboxWire.encode(SandboxWire.BillName(channel: configuration.channel.name, date: "\(day)"))
        let signature = signer.sign(body, for: .request(method: "POST", path: operation.path), at: clock.now())
        let request = ProviderRequest(
            method: .post, url: configuration.baseURL() + operation.path,
            headers: [Header(name: "Content-Type", value: "application/json")] + signature.headers, body: body)
        do throws(BillFlaw) {
            let file = try downloads.newFile()
            let reply: ProviderReply
            do throws(TransportError) {
                reply = try await downloads.download(request, into: file)
            } catch {
                return .failure(NoBill(BillAnswer(error, writing: file)))
            }
            let isSigned = try await signer.isSigned(
                timestamp: reply.header(SandboxSignature.timestampHeader),
                signature: reply.header(SandboxSignature.signatureHeader), file,
                for: .reply(status: reply.status, toRequestSignedBy: signature.text))
            guard isSigned else {
                return .failure(NoBill(.unknown(.answered(reply.isServerError ? .serverError : .signature))))
            }
            guard reply.status == 200 else {
                let text = try file.read(from: 0, most: BillLimits.pieceBytes)
                let signed = ProviderReply(status: reply.status, headers: reply.headers, body: text)
                return .failure(NoBill(BillAnswer(SandboxOutcome(signed: signed))))
            }
            return .success((file, try await file.digest()))
        } catch {
            return .failure(NoBill(BillAnswer(error)))
        }
    }
}

/// An answer other than a bill.
struct NoBill: Error {
    let answer: BillAnswer

    init(_ answer: BillAnswer) {
        self.answer = answer
    }
}

extension SpoolFile {
    /// The SHA-256 of the content in lower-case hexadecimal.
    func digest() async throws(BillFlaw) -> String {
        var hash = SHA256()
        var bytes = FileBytes(self)
        try await bytes.forEach { piece in hash.update(data: piece) }
        return Hexadecimal.text(of: hash.finalize())
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
