import Foundation
import FoundationNetworking

/// Paypage's API, as far as an app uses it.
struct PayService: Sendable {
    /// Tries of a repay that is told to wait. Covers some minutes without an answer from the provider.
    private static let mostTries = 20
    /// Longer than Paypage waits for a provider.
    private static let timeout: TimeInterval = 30
    /// The stream sends a keep-alive every 15 seconds.
    private static let longestSilence: TimeInterval = 40

    let base: URL
    let order: String
    let token: String

    /// Gets a page of this order for the app: the stored page while it lives, whichever device it was created for.
    func repay(by channel: String?) async throws -> Payment {
        var body = ["terminal": "app"]
        body["channel"] = channel
        var request = request("/repay")
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONEncoder().encode(body)
        for _ in 1..<Self.mostTries {
            do {
                return try await payment(request)
            } catch let problem as Problem {
                guard let pause = problem.retryAfter else { throw problem }
                Teller.say("\(problem.words) Retrying in \(pause) s.")
                try await Task.sleep(for: .seconds(pause))
            }
        }
        return try await payment(request)
    }

    func state() async throws -> Order {
        try await ask(request("")).body(Order.self)
    }

    /// The order's events after the last known one.
    func events(after known: String?) -> AsyncThrowingStream<EventReader.Item, any Error> {
        var request = request("/events")
        request.timeoutInterval = Self.longestSilence
        request.setValue("text/event-stream", forHTTPHeaderField: "Accept")
        if let known { request.setValue(known, forHTTPHeaderField: "Last-Event-ID") }
        return EventConnection.open(request)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ json: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: json)
    }

    private func payment(_ request: URLRequest) async throws -> Payment {
        let answer = try await ask(request)
        var payment = try answer.body(Payment.self)
        payment.isStored = answer.head.value(forHTTPHeaderField: "Cache-Status")?.contains("hit") == true
        return payment
    }

    private func request(_ end: String) -> URLRequest {
        var request = URLRequest(url: base.appending(path: "/v1/payments/\(order)\(end)"))
        request.timeoutInterval = Self.timeout
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        return request
    }

    private func ask(_ request: URLRequest) async throws -> Answer {
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let head = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        return Answer(head: head, data: data)
    }
}

/// A response and its body.
private struct Answer {
    let head: HTTPURLResponse
    let data: Data

    func body<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard (200...299).contains(head.statusCode) else {
            // A body other than a problem document comes from an intermediary.
            throw (try? PayService.decode(Problem.self, data)) ?? URLError(.badServerResponse)
        }
        guard let value = try? PayService.decode(type, data) else { throw URLError(.cannotParseResponse) }
        return value
    }
}
