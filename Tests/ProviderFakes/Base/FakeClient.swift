import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP client for a fake's notices: one POST on a new connection, over plain HTTP. It shares no code with the
/// service's transport.
enum FakeClient {
    struct Answer: Sendable {
        var status = 0
        var contentType: String?
        var body: [UInt8] = []
    }

    private static let largestAnswerBytes = 1_048_576

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPPart<HTTPRequestHead, ByteBuffer>>

    /// Throws if no complete answer comes.
    static func post(_ notice: FakeNotice, to url: String) async throws -> Answer {
        let target = try Target(url)
        let connection = try await connect(to: target)
        return try await connection.executeThenClose { inbound, outbound in
            var headers = HTTPHeaders(notice.headers.map { ($0.name, $0.value) })
            headers.add(name: "Host", value: "\(target.host):\(target.port)")
            headers.add(name: "Content-Length", value: "\(notice.body.count)")
            headers.add(name: "Connection", value: "close")
            try await outbound.write(
                .head(HTTPRequestHead(version: .http1_1, method: .POST, uri: target.path, headers: headers)))
            try await outbound.write(.body(ByteBuffer(bytes: notice.body)))
            try await outbound.write(.end(nil))
            var answer = Answer()
            for try await part in inbound {
                switch part {
                case .head(let head):
                    answer.status = Int(head.status.code)
                    answer.contentType = head.headers.first(name: "Content-Type")
                case .body(let bytes):
                    answer.body += bytes.readableBytesView
                    guard answer.body.count <= largestAnswerBytes else {
                        throw FakeProblem("the answer exceeds the limit")
                    }
                case .end: return answer
                }
            }
            throw FakeProblem("the answer to a notice is incomplete")
        }
    }

    private static func connect(to target: Target) async throws -> Connection {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: target.host, port: target.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(HTTPPartWriter())
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private struct Target {
        let host: String
        let port: Int
        let path: String

        /// Parses `http://host:port/path` only.
        init(_ url: String) throws {
            let scheme = "http://"
            let rest = url.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" }.split(separator: ":", omittingEmptySubsequences: false)
            guard url.hasPrefix(scheme), authority.count == 2, let port = Int(authority[1]) else {
                throw FakeProblem("invalid notice URL: \(url)")
            }
            host = String(authority[0])
            self.port = port
            path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        }
    }
}

/// Wraps the bytes of a body for the client's encoder.
private final class HTTPPartWriter: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = HTTPPart<HTTPRequestHead, ByteBuffer>
    typealias OutboundOut = HTTPClientRequestPart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part: HTTPClientRequestPart =
            switch unwrapOutboundIn(data) {
            case .head(let head): .head(head)
            case .body(let bytes): .body(.byteBuffer(bytes))
            case .end(let trailers): .end(trailers)
            }
        context.write(wrapOutboundOut(part), promise: promise)
    }
}
