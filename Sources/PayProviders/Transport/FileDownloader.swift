import PayCore

/// Downloads the files of providers. Each download has a transport and a thread of its own, so that it never delays the
/// calls of payments.
public struct FileDownloader: Sendable {
    /// A bill of a million lines takes seconds, over a slow line minutes.
    static let longestDownload = Duration.seconds(600)
    /// A slower download is aborted.
    static let leastBytesPerSecond = 1_000
    /// For so long it may be slower.
    static let slowSeconds = 30

    private let folder: String
    private let connectTimeout: Duration
    private let authoritiesFile: String?

    /// - Parameters:
    ///   - folder: the folder of the temporary files. They have no name there.
    ///   - authoritiesFile: a PEM file of trusted authorities that replaces the system's file.
    public init(folder: String, connectTimeout: Duration = .seconds(2), authoritiesFile: String? = nil) {
        self.folder = folder
        self.connectTimeout = connectTimeout
        self.authoritiesFile = authoritiesFile
    }

    /// A new, empty temporary file.
    func newFile() throws(BillFlaw) -> SpoolFile { try SpoolFile(in: folder) }

    /// Sends a request, and writes the body of the answer to `file`, with any status. The body of the reply is empty.
    /// Redirects are answers too, and are not followed.
    func download(_ request: ProviderRequest, into file: SpoolFile) async throws(TransportError) -> ProviderReply {
        let limits = CurlTransport.Limits(
            connectTimeout: connectTimeout, totalTimeout: Self.longestDownload, answerBytes: BillLimits.downloadBytes,
            connectionsPerHost: 1, connectionsKept: 1, leastBytesPerSecond: Self.leastBytesPerSecond,
            slowSeconds: Self.slowSeconds)
        let transport = CurlTransport(limits: limits, authoritiesFile: authoritiesFile)
        do throws(TransportError) {
            let reply = try await transport.send(request, into: { file.append($0) })
            await transport.close()
            return reply
        } catch {
            await transport.close()
            throw error
        }
    }
}
