public import Logging

/// A transport that logs failures, so that an unknown answer can be investigated. Only the host of the URL is logged,
/// because queries, headers and bodies contain secrets.
public struct TransportJournal: ProviderTransport {
    private let transport: any ProviderTransport
    private let logger: Logger

    public init(_ transport: any ProviderTransport, logger: Logger) {
        self.transport = transport
        self.logger = logger
    }

    public func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        do {
            let reply = try await transport.send(request)
            if !(200..<300).contains(reply.status) {
                logger.warning(
                    "provider answered with an error status",
                    metadata: ["provider.host": "\(request.host)", "http.status": .stringConvertible(reply.status)])
            }
            return reply
        } catch {
            logger.warning(
                "provider did not answer", metadata: ["provider.host": "\(request.host)", "error": "\(error)"])
            throw error
        }
    }

}

extension ProviderRequest {
    fileprivate var host: Substring {
        url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).dropFirst().first ?? ""
    }
}
