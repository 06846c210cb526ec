package import PayProviders

/// A response of the service.
package struct Answer: Hashable, Sendable {
    package let status: Int
    package let headers: [[String]]
    package let body: [UInt8]

    package init(_ reply: ProviderReply) {
        status = reply.status
        headers = reply.headers.map { [$0.name.lowercased(), $0.value] }
        body = reply.body
    }

    package init(status: Int, headers: [[String]], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var text: String { String(decoding: body, as: UTF8.self) }

    package var json: JSONValue { JSONValue(body) ?? .null }

    /// The code of a problem; nil for any other response.
    package var code: String? { json["code"].string }

    package var page: JSONValue { json["page"] }

    /// The value of a header that occurs exactly once; nil otherwise.
    package func header(_ name: String) -> String? {
        let found = headers.filter { $0[0] == name.lowercased() }
        return found.count == 1 ? found[0][1] : nil
    }

    package var cacheStatus: String? { header("Cache-Status") }
}
