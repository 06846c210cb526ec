import PayCore
import PayFlow

extension AlipayWire {
    /// Asks for the address of a bill. Only the business bill is read: its columns are documented.
    struct BillName: Encodable, Sendable {
        let day: String

        private enum CodingKeys: String, CodingKey {
            case type = "bill_type"
            case day = "bill_date"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode("trade", forKey: .type)
            try container.encode(day, forKey: .day)
        }
    }
}

/// Alipay's business bills.
struct AlipayBills: BillSource {
    /// The address of a bill lives 30 seconds. An address that ended too early is requested once more.
    private static let mostTries = 2

    let provider: AlipayProvider
    let downloads: FileDownloader

    func bill(
        of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> BillAnswer {
        guard provider.clock.now() >= day.end else { return .notReady(reason: BillDay.notOver) }
        let digest: String
        let content: ZipEntryBytes
        let parser: AlipayBillParser
        do throws(NoBill) {
            let file = try await download(day)
            do throws(BillFlaw) {
                let archive = try ZipArchive(file)
                let entry = try archive.bill()
                // The first pass checks the file, so that no row of a damaged file is handed over.
                var bytes = try archive.bytes(of: entry)
                try await bytes.forEach { _ in }
                digest = try await file.digest()
                content = try archive.bytes(of: entry)
                parser = try AlipayBillParser()
            } catch {
                throw NoBill(error)
            }
        } catch {
            return error.answer
        }
        return BillAnswer(try await BillReading.handOver(content, to: parser, take), digest: digest)
    }

    /// The zip file.
    private func download(_ day: BillDay) async throws(NoBill) -> SpoolFile {
        var last = BillAnswer.unknown(.answered(.unreadable))
        for _ in 1...Self.mostTries {
            let outcome = await provider.call(.billAddress, AlipayWire.BillName(day: "\(day)"), about: nil)
            guard let url = outcome.billURL else { throw NoBill(BillAnswer(outcome, day, at: provider.clock.now())) }
            guard let address = provider.billAddress(url) else {
                throw NoBill(.refused(reason: "the bill is at a host that does not belong to Alipay"))
            }
            let (reply, file) = try await downloads.fetch(address)
            let isZip: Bool
            do throws(BillFlaw) {
                isZip = try ZipArchive.isZip(file)
            } catch {
                throw NoBill(error)
            }
            if reply.status == 200, isZip { return file }
            last = BillAnswer(unclear: reply)
        }
        throw NoBill(last)
    }
}

extension ZipArchive {
    /// The entry with the rows. The archive has another one with the sums.
    fileprivate func bill() throws(BillFlaw) -> Entry {
        let gbk = try GBKText()
        for entry in entries {
            let name = entry.isUTF8 ? String(validating: entry.name, as: UTF8.self) : gbk.decode(entry.name)
            if let name, name.contains("业务明细"), !name.contains("汇总") { return entry }
        }
        throw BillFlaw("the zip file has no business bill (业务明细)")
    }
}

extension AlipayProvider {
    /// The domains of the hosts that bills are downloaded from.
    private static let billDomains = ["alipay.com", "alipayobjects.com", "alipaydev.com"]

    /// The request for a bill's file, without any secret but the address itself. Nil if the host is not Alipay's.
    ///
    /// The documentation shows an address with plain http. It is assumed that https works too: bills contain the names of
    /// buyers, and an address could be read on the way.
    func billAddress(_ url: String) -> ProviderRequest? {
        guard let address = WebAddress(url) else { return nil }
        let target = address.path + (address.query.map { "?\($0)" } ?? "")
        let origin: String
        if address.isLoopback, WebAddress(configuration.gatewayURL)?.isLoopback == true {
            origin = address.origin
        } else if address.port == nil, Self.billDomains.contains(where: { "\(address.host)".hasSuffix(".\($0)") }) {
            origin = "https://\(address.host)"
        } else {
            return nil
        }
        // The servers of the files reportedly refuse requests without a User-Agent.
        return ProviderRequest(
            method: .get, url: origin + target, headers: [Header(name: "User-Agent", value: "Paypage")])
    }
}

extension BillAnswer {
    /// The meaning of an answer without an address.
    fileprivate init(_ outcome: AlipayOutcome, _ day: BillDay, at now: Instant) {
        switch outcome {
        // Only a signed answer says that there is no bill.
        case .signed(let code) where code.saysNoBill: self = day.none(at: now, reason: code.reason)
        case .signed(let code):
            switch code.meaning {
            case .done, .retryLater, .frozen, .tooOften, .unknown: self = .unknown(.answered(.code(code.error)))
            case .refused, .alreadyPaid, .alreadyClosed, .noSuchTrade, .wrongState, .unlisted:
                self = .refused(reason: code.reason)
            }
        // The gateway signs none of its own refusals, such as a missing permission.
        case .unsigned(let code) where code.isGatewayRefusal: self = .refused(reason: code.reason)
        case .unsigned(let code): self = .unknown(.answered(.code(code.error.weighing(.undecided))))
        case .unknown(let doubt): self = .unknown(doubt)
        case .neverSent(_, let why): self = .unknown(.answered(why))
        case .done: self = .unknown(.answered(.unreadable))
        }
    }

    /// The meaning of a download that is not a zip file: an error page, or an address whose time is over.
    fileprivate init(unclear reply: ProviderReply) {
        self =
            reply.isServerError
            ? .unknown(.answered(.serverError))
            : .refused(reason: "the download is not a zip file (HTTP status \(reply.status))")
    }
}

extension AlipayCode {
    /// The spelling of these codes varies, and they are not in the tables of the documentation.
    fileprivate var saysNoBill: Bool {
        let words = (subCode ?? "").uppercased().filter { $0 != "_" && $0 != "-" }
        return ["BILLNOTEXIST", "NOBILL"].contains(where: words.contains)
    }
}
