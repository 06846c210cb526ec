import Foundation
import PayAPI
import PayAccess
import PayCore
import PayTestSupport

/// A client of an event stream, with a connection and a thread of its own.
package final class EventClient: Sendable {
    /// A part of a stream.
    package enum Piece: Hashable, Sendable {
        case retry(String)
        case event(id: String, JSONValue)
        case comment(String)
        /// The connection has ended; cleanly if the body was complete.
        case ended(isClean: Bool)
    }

    package let head: Answer
    private let descriptor: Int32
    private let pieces: AsyncStream<Piece>

    private init(head: Answer, descriptor: Int32, pieces: AsyncStream<Piece>) {
        self.head = head
        self.descriptor = descriptor
        self.pieces = pieces
    }

    /// Returns when the head of the response has arrived.
    package static func open(port: Int, _ path: String, headers: [String] = []) async throws -> EventClient {
        let descriptor = try RawConnection.connected(to: port)
        let lines = ["GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + headers
        RawConnection.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8), to: descriptor)
        let (pieces, told) = AsyncStream<Piece>.makeStream()
        let head = try await withCheckedThrowingContinuation { heard in
            Thread.detachNewThread { read(descriptor, heard, told) }
        }
        return EventClient(head: head, descriptor: descriptor, pieces: pieces)
    }

    /// Disconnects without a message.
    package func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The next piece; nil when the stream or the test's time is over.
    package func next() async -> Piece? {
        var iterator = pieces.makeAsyncIterator()
        return await iterator.next()
    }

    /// The next event. Other pieces before it are skipped.
    package func nextEvent() async -> (id: String, order: JSONValue)? {
        while let piece = await next() {
            if case .event(let id, let order) = piece { return (id, order) }
        }
        return nil
    }

    private static func read(
        _ descriptor: Int32, _ heard: CheckedContinuation<Answer, any Error>, _ told: AsyncStream<Piece>.Continuation
    ) {
        defer {
            told.finish()
            close(descriptor)
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        func more() -> Bool {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { received += buffer[..<count] }
            return count > 0
        }
        var end = received.firstRange(of: Array("\r\n\r\n".utf8))
        while end == nil, more() { end = received.firstRange(of: Array("\r\n\r\n".utf8)) }
        guard let end, let head = try? RawConnection.answer(in: Array(received[..<end.upperBound])) else {
            heard.resume(throwing: RawConnection.Failure(step: "read a head"))
            return
        }
        received.removeSubrange(..<end.upperBound)
        heard.resume(returning: head)
        var chunks = ChunkReader()
        var events = EventReader()
        repeat {
            for piece in events.pieces(in: chunks.text(in: &received)) { told.yield(piece) }
        } while !chunks.isOver && more()
        told.yield(.ended(isClean: chunks.isOver && events.isBetweenEvents))
    }
}

/// Decodes a chunked body (RFC 9112, section 7.1).
private struct ChunkReader {
    package private(set) var isOver = false

    /// The text of the complete chunks, which are removed from `received`.
    package mutating func text(in received: inout [UInt8]) -> String {
        var text: [UInt8] = []
        while !isOver, let line = received.firstRange(of: Array("\r\n".utf8)),
            let size = Int(String(decoding: received[..<line.lowerBound], as: UTF8.self), radix: 16),
            received.count >= line.upperBound + size + 2
        {
            text += received[line.upperBound..<(line.upperBound + size)]
            received.removeSubrange(..<(line.upperBound + size + 2))
            isOver = size == 0
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Parses server-sent events as a browser does, and also reports comments.
private struct EventReader {
    private var rest = ""

    package var isBetweenEvents: Bool { rest.isEmpty }

    package mutating func pieces(in text: String) -> [EventClient.Piece] {
        rest += text
        var pieces: [EventClient.Piece] = []
        while let end = rest.range(of: "\n\n") {
            pieces.append(Self.piece(String(rest[..<end.lowerBound])))
            rest.removeSubrange(..<end.upperBound)
        }
        return pieces
    }

    private static func piece(_ block: String) -> EventClient.Piece {
        var (id, data): (String, [String]) = ("", [])
        for line in block.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(":") { return .comment(String(line.dropFirst(2))) }
            let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch parts.count == 2 ? parts[0] : "" {
            case "retry": return .retry(parts[1])
            case "id": id = parts[1]
            case "data": data.append(parts[1])
            default: return .comment("not understood: \(line)")
            }
        }
        return .event(id: id, JSONValue(Array(data.joined(separator: "\n").utf8)) ?? .null)
    }
}

extension TestService {
    /// Returns when this number of streams is left.
    package func waitForStreams(_ count: Int) async {
        while live.count != count, !Task.isCancelled { await Task.yield() }
    }

    package enum Door: String, CaseIterable, Sendable {
        case merchant, user, checkout
    }

    /// Opens the stream of an order by one of its paths.
    package func follow(
        _ number: String = Sample.number, as door: Door = .merchant, query: String = "", headers: [String] = []
    ) async throws -> EventClient {
        let who: Client.Who = door == .merchant ? .merchant : .user("user_1")
        let shown = door == .checkout ? [] : client.authorization(who).map { ["Authorization: \($0)"] } ?? []
        return try await EventClient.open(port: port, path(number, door) + "/events" + query, headers: shown + headers)
    }

    /// The path without `/events`.
    package func path(_ number: String = Sample.number, _ door: Door) -> String {
        let end = clock.now() + Self.orderTTL
        return door == .checkout
            ? "/checkout/\(checkouts.token(for: OrderNumber(number)!, expiresAt: end))" : "/v1/payments/\(number)"
    }

    /// The response of GET for the same caller.
    package func order(_ number: String = Sample.number, as door: Door) async throws -> JSONValue {
        let path = path(number, door) + (door == .checkout ? "/payment" : "")
        return try await client.get(path, as: door == .merchant ? .merchant : .user("user_1")).json
    }
}
