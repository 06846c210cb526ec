import HTTPTypes
import HummingbirdCore
import NIOCore

extension Request {
    /// A copy of the request that sends `100 Continue` when a route reads the body, if the client waits for it (RFC
    /// 9110, section 10.1.1). A route that refuses by the head alone sends only its response.
    func invitingBody(_ channel: any Channel) -> Request {
        guard headers[.expect] != nil else { return self }
        let announcesBody = headers[.contentLength].map { $0 != "0" } ?? (headers[.transferEncoding] != nil)
        guard announcesBody else { return self }
        var request = self
        request.body = RequestBody(asyncSequence: InvitedBody(body: body, channel: channel))
        return request
    }
}

/// A body that is requested from the client when it is first read.
private struct InvitedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let body: RequestBody
    let channel: any Channel

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var parts: RequestBody.AsyncIterator
        fileprivate var channel: (any Channel)?

        mutating func next() async throws -> ByteBuffer? {
            if let channel {
                self.channel = nil
                channel.triggerUserOutboundEvent(DoorEvent.bodyIsWanted, promise: nil)
            }
            return try await parts.next()
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(parts: body.makeAsyncIterator(), channel: channel)
    }
}
