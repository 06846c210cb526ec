import HTTPTypes
import PayAPI
import PayCache
import PayCore
import PayFlow
import PayTelemetry
import Synchronization

/// Builds the heads of the fast lane's responses as bytes: the fields of the routes, and those that the framework adds.
final class FastHeads: Sendable {
    private struct Form: Hashable {
        let channel: Channel
        let kind: Representation
    }

    /// The fields `Date` and `Server` with the end of the head, which change every second.
    private struct LastLines {
        var second: Int64 = .min
        var text: [UInt8] = []
    }

    /// The usual length of a head, in bytes.
    private static let usualLength = 1_280

    private let parts: APIParts
    private let payment: [UInt8]
    private let pages = Mutex<[Form: [UInt8]]>([:])
    private let lastLines = Mutex(LastLines())

    init(_ parts: APIParts) {
        self.parts = parts
        payment = Self.bytes(JSONAnswer.fields(), variesByOrigin: !parts.rules.corsOrigins.isEmpty)
    }

    /// - Parameter length: the length of the body, in bytes.
    func payment(_ page: ReadyPage, length: Int, _ id: RequestIdentifier, at now: Instant) -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(Self.usualLength)
        head += payment
        finish(&head, page, length, id, at: now)
        return head
    }

    /// - Parameter length: the length of the body, in bytes.
    func page(_ page: ReadyPage, as kind: Representation, length: Int, _ id: RequestIdentifier, at now: Instant)
        -> [UInt8]
    {
        var head: [UInt8] = []
        head.reserveCapacity(Self.usualLength)
        head += fields(Form(channel: page.channel, kind: kind))
        head += "ETag: ".utf8
        page.tag.write(to: &head)
        head += "\r\n".utf8
        finish(&head, page, length, id, at: now)
        return head
    }

    /// Appends the last fields and the empty line that ends the head.
    private func finish(
        _ head: inout [UInt8], _ page: ReadyPage, _ length: Int, _ id: RequestIdentifier, at now: Instant
    ) {
        head += "Cache-Status: ".utf8
        head += CacheStatus.hit.utf8
        head.append((page.expiresAt - now).wholeSeconds)
        head += "\r\n".utf8
        head += "Content-Length: ".utf8
        head.append(Int64(length))
        head += "\r\nX-Request-Id: ".utf8
        head += id.description.utf8
        head += "\r\n".utf8
        lastLines.withLock { lines in
            let second = now.milliseconds / 1_000
            if lines.second != second {
                lines.text.removeAll(keepingCapacity: true)
                lines.text += "Date: ".utf8
                CivilTime(now).writeHTTPDate(to: &lines.text)
                lines.text += "\r\nServer: \(PayAPI.serverName)\r\n\r\n".utf8
                lines.second = second
            }
            head += lines.text
        }
    }

    /// The fields of a form, built once.
    private func fields(_ form: Form) -> [UInt8] {
        if let known = pages.withLock({ $0[form] }) { return known }
        let head = PageHead(form.kind, formTargets: parts.pay.pageFormTargets(of: form.channel))
        let made = Self.bytes(head.fields, variesByOrigin: !parts.rules.corsOrigins.isEmpty)
        pages.withLock { $0[form] = made }
        return made
    }

    private static func bytes(_ fields: HTTPFields, variesByOrigin: Bool) -> [UInt8] {
        var fields = fields
        if variesByOrigin { CrossOrigin.vary(&fields) }
        return Array(
            "HTTP/1.1 200 OK\r\n\(fields.map { "\($0.name.rawName): \($0.value)\r\n" }.joined())".utf8)
    }
}
