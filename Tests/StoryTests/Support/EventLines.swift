import Foundation
import Testing

/// A client in its own process that prints the stream as it arrives.
final class EventLines: Sendable {
    private let process: ChildProcess

    init(_ service: Service, _ order: String, lastEventID: String? = nil) throws {
        let known = lastEventID.map { ["-H", "Last-Event-ID: \($0)"] } ?? []
        process = try ChildProcess(
            "/usr/bin/curl",
            ["-sN", "--max-time", "60", "-H", "Authorization: Bearer \(service.apiKey)"] + known + [
                "\(service.client.base)/v1/payments/\(order)/events"
            ], environment: [:], folder: "/")
    }

    deinit { process.signal(SIGKILL) }

    /// The ids of all events so far.
    var ids: [String] {
        process.output.lines.filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst("id: ".count)) }
    }

    /// Waits for the first event.
    func firstID() async throws -> String {
        try await process.output.first("an event comes") { line in
            line.hasPrefix("id: ") ? String(line.dropFirst("id: ".count)) : nil
        }
    }

    /// The state in the last event; nil before the first.
    func state() throws -> String? {
        guard let line = process.output.lines.last(where: { $0.hasPrefix("data: ") }) else { return nil }
        return try JSONDecoder().decode(OrderState.self, from: Data(line.dropFirst("data: ".count).utf8)).state
    }

    /// The stream has ended, and its body is complete: curl reports an incomplete one.
    func end() async throws {
        #expect(try await process.waitForEnd() == .exited(0))
    }

    private struct OrderState: Decodable {
        let state: String
    }
}
