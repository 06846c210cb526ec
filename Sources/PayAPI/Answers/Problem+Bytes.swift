import HTTPTypes
package import PayTelemetry

extension Problem {
    /// The whole response as bytes. The connection is closed after it.
    package func lastAnswer(requestID: RequestIdentifier) -> [UInt8] {
        let body = document(requestID: requestID)
        var head = "HTTP/1.1 \(code.status.code) \(code.status.reasonPhrase)\r\n"
        for field in Self.fields { head += "\(field.name.rawName): \(field.value)\r\n" }
        if !allow.isEmpty { head += "Allow: \(allow.map(\.rawValue).joined(separator: ", "))\r\n" }
        head += "Content-Length: \(body.count)\r\nX-Request-Id: \(requestID)\r\nServer: \(PayAPI.serverName)\r\n"
        head += "Connection: close\r\n\r\n"
        return Array(head.utf8) + body
    }
}
