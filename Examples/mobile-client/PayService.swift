import Foundation
import FoundationNetworking

/// The calls of Paypage's API that an app makes.
struct PayService: Sendable {
    /// Repays that were told to wait, before the app gives up: some minutes of a provider that doesn't answer.
    private static let mostTries = 20
    /// Longer than Paypage waits for a provider.
    private static let timeout: TimeInterval = 30
    /// The stream is never silent for longer than 15 seconds.
    private static let longestSilence: TimeInterval = 40

    let base: URL
    let order: String
    let token: String

    /// The page of this order for an app: the stored one while it lives, whoever it was made for.
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

    /// The order's events after the one that is known.
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

/// What came back.
private struct Answer {
    let head: HTTPURLResponse
    let data: Data

    func body<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard (200...299).contains(head.statusCode) else {
            // What is no problem document comes from something between us and Paypage.
            throw (try? PayService.decode(Problem.self, data)) ?? URLError(.badServerResponse)
        }
        guard let value = try? PayService.decode(type, data) else { throw URLError(.cannotParseResponse) }
        return value
    }
}
