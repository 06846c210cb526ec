import HTTPTypes
import Hummingbird
import NIOCore
import PayCore
import PayFlow
import ServiceLifecycle

/// Keeps a connection open without an answer.
struct SandboxHold: Sendable {
    /// Longer than any client waits for an answer, and short enough to free forgotten connections.
    static let longest = Duration.seconds(60)

    let clock: any PayClock

    /// Waits until the limit passes, the client disconnects, or the process shuts down. Then closes the connection.
    func neverAnswer(_ request: Request) async -> Response {
        let clock = clock
        // The body of such a request was replaced, so the framework cannot detect that the client disconnects.
        guard request.headers[.expect] == nil else {
            try? await cancelWhenGracefulShutdown { try await clock.sleep(for: Self.longest) }
            return .brokenOff
        }
        _ = try? await request.body.consumeWithCancellationOnInboundClose { _ in
            try await cancelWhenGracefulShutdown { try await clock.sleep(for: Self.longest) }
        }
        return .brokenOff
    }

    /// Waits for `duration`, even if the client disconnects or the process shuts down, because requests in flight are
    /// completed. False if the task is cancelled.
    func wait(for duration: Duration) async -> Bool {
        do {
            try await clock.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }
}

extension Response {
    /// An answer that announces one byte and fails, because the router has no other way to close a connection.
    static var brokenOff: Response {
        Response(
            status: .gatewayTimeout, headers: [.connection: "close"],
            body: ResponseBody(contentLength: 1) { _ in throw ChannelError.inputClosed })
    }
}
