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
                note("provider answered with an error status", request, ["http.status": "\(reply.status)"])
            }
            return reply
        } catch {
            note("provider did not answer", request, ["error": "\(error)"])
            throw error
        }
    }

    private func note(_ message: Logger.Message, _ request: ProviderRequest, _ more: Logger.Metadata) {
        let host = request.url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).dropFirst().first
        let metadata: Logger.Metadata = ["provider.host": "\(host ?? "")"]
        logger.warning(message, metadata: metadata.merging(more) { first, _ in first })
    }
}
