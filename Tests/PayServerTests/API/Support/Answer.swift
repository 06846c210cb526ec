import PayProviders

/// What the service answered.
struct Answer: Hashable, Sendable {
    let status: Int
    let headers: [[String]]
    let body: [UInt8]

    init(_ reply: ProviderReply) {
        status = reply.status
        headers = reply.headers.map { [$0.name.lowercased(), $0.value] }
        body = reply.body
    }

    init(status: Int, headers: [[String]], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue { JSONValue(body) ?? .null }

    /// The code of a problem; nil when it is none.
    var code: String? { json["code"].string }

    var page: JSONValue { json["page"] }

    /// The value of a header that came once; nil when it came never, or more often.
    func header(_ name: String) -> String? {
        let found = headers.filter { $0[0] == name.lowercased() }
        return found.count == 1 ? found[0][1] : nil
    }

    var cacheStatus: String? { header("Cache-Status") }
}
