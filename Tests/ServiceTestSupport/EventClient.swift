import Foundation
import PayAPI
import PayAccess
import PayCore
import PayTestSupport

/// A client that follows a stream of events, on a connection of its own. Reads on a thread of its own, as it comes.
package final class EventClient: Sendable {
    /// What a stream is made of.
    package enum Piece: Hashable, Sendable {
        case retry(String)
        case event(id: String, JSONValue)
        case comment(String)
        /// The connection is over: cleanly when the body had come to its end.
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

    /// Returns as soon as the head of the answer has come.
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

    /// The client goes away without a word.
    package func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Waits for it; nil when the stream is over, or the test's time.
    package func next() async -> Piece? {
        var iterator = pieces.makeAsyncIterator()
        return await iterator.next()
    }

    /// The next event, whatever comes before it.
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

/// Takes a chunked body apart (RFC 9112, section 7.1).
private struct ChunkReader {
    package private(set) var isOver = false

    /// The text of the whole chunks, which are taken out of `received`.
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

/// Reads server-sent events as a browser does, but for telling comments too.
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
    /// Returns when so many streams are left.
    package func waitForStreams(_ count: Int) async {
        while live.count != count, !Task.isCancelled { await Task.yield() }
    }

    package enum Door: String, CaseIterable, Sendable {
        case merchant, user, checkout
    }

    /// Follows an order by one of the ways in.
    package func follow(
        _ number: String = Sample.number, as door: Door = .merchant, query: String = "", headers: [String] = []
    ) async throws -> EventClient {
        let who: Client.Who = door == .merchant ? .merchant : .user("user_1")
        let shown = door == .checkout ? [] : client.authorization(who).map { ["Authorization: \($0)"] } ?? []
        return try await EventClient.open(port: port, path(number, door) + "/events" + query, headers: shown + headers)
    }

    /// What stands before `/events` there.
    package func path(_ number: String = Sample.number, _ door: Door) -> String {
        let end = clock.now() + Self.orderTTL
        return door == .checkout
            ? "/checkout/\(checkouts.token(for: OrderNumber(number)!, expiresAt: end))" : "/v1/payments/\(number)"
    }

    /// What GET tells there.
    package func order(_ number: String = Sample.number, as door: Door) async throws -> JSONValue {
        let path = path(number, door) + (door == .checkout ? "/payment" : "")
        return try await client.get(path, as: door == .merchant ? .merchant : .user("user_1")).json
    }
}
