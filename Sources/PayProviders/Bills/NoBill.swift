import Crypto
import PayCore
import PayFlow

/// An answer other than a bill.
struct NoBill: Error {
    let answer: BillAnswer

    init(_ answer: BillAnswer) {
        self.answer = answer
    }

    init(_ flaw: BillFlaw) {
        answer = BillAnswer(flaw)
    }
}

extension BillAnswer {
    init(_ flaw: BillFlaw) {
        self = .refused(reason: flaw.reason)
    }

    /// The answer about a file that was parsed.
    init(_ read: Result<Int, BillFlaw>, digest: String) {
        switch read {
        case .success(let rows): self = .bill(BillFile(digest: digest, rows: rows))
        case .failure(let flaw): self = BillAnswer(flaw)
        }
    }
}

extension FileDownloader {
    /// Downloads into a new temporary file. Any status is a reply.
    func fetch(_ request: ProviderRequest) async throws(NoBill) -> (reply: ProviderReply, file: SpoolFile) {
        let file: SpoolFile
        do throws(BillFlaw) {
            file = try newFile()
        } catch {
            throw NoBill(error)
        }
        do throws(TransportError) {
            return (try await download(request, into: file), file)
        } catch {
            throw file.flaw.map { NoBill($0) } ?? NoBill(.unknown(error.doubt))
        }
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
