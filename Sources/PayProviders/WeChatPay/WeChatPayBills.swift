import Crypto
import PayCore
import PayFlow

extension WeChatPayWire {
    /// The answer to the request for a bill.
    struct BillPlace: Decodable {
        let hashType: String
        let hashValue: String
        let downloadURL: String

        private enum CodingKeys: String, CodingKey {
            case hashType = "hash_type"
            case hashValue = "hash_value"
            case downloadURL = "download_url"
        }
    }
}

/// WeChat Pay's trade bills.
struct WeChatPayBills: BillSource {
    let provider: WeChatPayProvider
    let downloads: FileDownloader

    func bill(
        of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> BillAnswer {
        guard provider.clock.now() >= day.end else { return .notReady(reason: BillDay.notOver) }
        let digest: String
        let content: InflatedBytes<FileBytes>
        do throws(NoBill) {
            let file = try await download(day)
            do throws(BillFlaw) {
                digest = try await file.digest()
                content = try InflatedBytes(FileBytes(file), .gzip)
            } catch {
                throw NoBill(error)
            }
        } catch {
            return error.answer
        }
        return BillAnswer(try await BillReading.handOver(content, to: WeChatPayBillParser(), take), digest: digest)
    }

    /// The compressed file. Its content has the SHA-1 that WeChat signed.
    private func download(_ day: BillDay) async throws(NoBill) -> SpoolFile {
        let outcome = await provider.send(.bill(of: day))
        guard let place = outcome.billPlace else { throw NoBill(BillAnswer(outcome, day, at: provider.clock.now())) }
        guard place.hashType.uppercased() == "SHA1" else {
            throw NoBill(.refused(reason: "the bill has a digest of an unknown type"))
        }
        guard let request = provider.download(place.downloadURL) else {
            throw NoBill(.refused(reason: "the bill is at another host than wechat.base.url"))
        }
        let (reply, file) = try await downloads.fetch(request)
        let (text, sha1): ([UInt8], String)
        do throws(BillFlaw) {
            text = try file.read(from: 0, most: BillLimits.pieceBytes)
            sha1 = reply.status == 200 ? try await self.sha1(of: file) : ""
        } catch {
            throw NoBill(error)
        }
        guard reply.status == 200 else {
            let failed = WeChatPayOutcome(unsigned: ProviderReply(status: reply.status, body: text))
            throw NoBill(BillAnswer(failed, day, at: provider.clock.now()))
        }
        guard sha1 == place.hashValue.lowercased() else {
            throw NoBill(.refused(reason: "the bill does not have the SHA-1 that WeChat Pay signed"))
        }
        return file
    }

    /// The digest of the inflated file.
    private func sha1(of file: SpoolFile) async throws(BillFlaw) -> String {
        var hash = Insecure.SHA1()
        var bytes = try InflatedBytes(FileBytes(file), .gzip)
        try await bytes.forEach { piece in hash.update(data: piece) }
        return Hexadecimal.text(of: hash.finalize())
    }
}

extension WeChatPayProvider {
    /// WeChat's own hosts. The download may be at another one than the API.
    private static let domain = "mch.weixin.qq.com"

    /// The signed request for a bill's file. Its reply is not signed. Nil if the URL is not on WeChat's host.
    func download(_ url: String) -> ProviderRequest? {
        guard let address = WebAddress(url), let base = WebAddress(configuration.baseURL), address.isProtected,
            address.origin == base.origin || (Self.isOwn(address) && Self.isOwn(base))
        else { return nil }
        let target = address.path + (address.query.map { "?\($0)" } ?? "")
        let authorization = signer.authorization(for: .get, target, [], at: clock.now())
        return ProviderRequest(
            method: .get, url: address.origin + target,
            headers: [
                Header(name: "Accept", value: "application/json"),
                Header(name: "Authorization", value: authorization), Header(name: "User-Agent", value: "paypage"),
            ])
    }

    private static func isOwn(_ address: WebAddress) -> Bool {
        address.scheme == .https && address.port == nil && "\(address.host)".hasSuffix(".\(domain)")
    }
}

extension BillAnswer {
    /// The meaning of an answer without a bill. WeChat signs no errors.
    fileprivate init(_ outcome: WeChatPayOutcome, _ day: BillDay, at now: Instant) {
        switch outcome {
        case .failed(_, let error) where error.code.isCode("NO_STATEMENT_EXIST"):
            self = day.none(at: now, reason: error.code)
        case .failed(_, let error) where error.code.isCode("STATEMENT_CREATING"): self = .notReady(reason: error.code)
        case .failed(.tooOften, _), .failed(.unknown, _), .failed(.retryLater, _):
            self = .unknown(.answered(outcome.reason))
        case .failed(_, let error): self = .refused(reason: error.code)
        case .unknown(let doubt): self = .unknown(doubt)
        case .done, .neverSent: self = .unknown(.answered(outcome.reason))
        }
    }
}

extension String {
    /// The spelling of WeChat's codes varies.
    fileprivate func isCode(_ code: String) -> Bool {
        uppercased().replacing("_", with: "") == code.replacing("_", with: "")
    }
}
