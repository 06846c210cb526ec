package import Testing

/// Expects an RFC 9457 problem: `fields` are those beyond the usual ones.
package func expectProblem(
    _ answer: Answer, _ status: Int, _ code: String, fields: Set<String> = [], retryAfter: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
    #expect(answer.code == code, sourceLocation: sourceLocation)
    #expect(answer.header("Content-Type") == "application/problem+json", sourceLocation: sourceLocation)
    #expect(answer.header("Cache-Control") == "no-store", sourceLocation: sourceLocation)
    #expect(answer.header("X-Content-Type-Options") == "nosniff", sourceLocation: sourceLocation)
    let usual: Set = ["type", "title", "status", "code", "detail", "instance"]
    let waiting: Set<String> = retryAfter == nil ? [] : ["retry_after"]
    #expect(answer.json.keys == usual.union(fields).union(waiting), sourceLocation: sourceLocation)
    #expect(answer.json["status"] == .integer(Int64(status)), sourceLocation: sourceLocation)
    #expect(answer.json["type"] == "about:blank", sourceLocation: sourceLocation)
    let requestID = answer.header("X-Request-Id") ?? "none"
    #expect(answer.json["instance"] == .string("urn:paypage:request:\(requestID)"), sourceLocation: sourceLocation)
    #expect(answer.header("Retry-After") == retryAfter, sourceLocation: sourceLocation)
    #expect(
        answer.json["retry_after"] == retryAfter.flatMap { Int64($0) }.map { .integer($0) } ?? .null,
        sourceLocation: sourceLocation)
}

/// Expects JSON that must not be cached, with exactly these fields.
package func expectJSON(
    _ answer: Answer, _ status: Int, keys: Set<String>, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
    #expect(answer.header("Content-Type") == "application/json", sourceLocation: sourceLocation)
    #expect(answer.header("Cache-Control") == "no-store", sourceLocation: sourceLocation)
    #expect(answer.header("X-Content-Type-Options") == "nosniff", sourceLocation: sourceLocation)
    #expect(answer.header("X-Request-Id") != nil, sourceLocation: sourceLocation)
    #expect(answer.json.keys == keys, sourceLocation: sourceLocation)
}

/// The pointers of a problem's mistakes, in order.
package func pointers(_ answer: Answer) -> [String] {
    answer.json["errors"].items.compactMap { $0["pointer"].string }
}

/// Runs an operation this many times concurrently, and collects the results.
package func concurrently<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: Value.self) { tasks in
        for index in 0..<count { tasks.addTask { try await body(index) } }
        var values: [Value] = []
        for try await value in tasks { values.append(value) }
        return values
    }
}
