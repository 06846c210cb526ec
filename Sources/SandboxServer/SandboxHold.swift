import HTTPTypes
import Hummingbird
import NIOCore
import PayCore
import PayFlow
import ServiceLifecycle

/// A connection that is kept open and never answered.
struct SandboxHold: Sendable {
    /// Longer than any client waits for an answer, and short enough that a forgotten one goes.
    static let longest = Duration.seconds(60)

    let clock: any PayClock

    /// Waits until the longest time is over, the client has left, or the process is told to end; then the connection
    /// breaks off.
    func neverAnswer(_ request: Request) async -> Response {
        let clock = clock
        // The body of such a request was replaced on its way in, and the framework can't watch the client then.
        guard request.headers[.expect] == nil else {
            try? await cancelWhenGracefulShutdown { try await clock.sleep(for: Self.longest) }
            return .brokenOff
        }
        _ = try? await request.body.consumeWithCancellationOnInboundClose { _ in
            try await cancelWhenGracefulShutdown { try await clock.sleep(for: Self.longest) }
        }
        return .brokenOff
    }

    /// Waits as long as `duration`, whether the client stays or not, and whether the process is told to end or not: what
    /// is in flight is finished. False when the task is cancelled before.
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
    /// An answer that promises a byte and breaks off instead, because the router knows no other way to close a
    /// connection.
    static var brokenOff: Response {
        Response(
            status: .gatewayTimeout, headers: [.connection: "close"],
            body: ResponseBody(contentLength: 1) { _ in throw ChannelError.inputClosed })
    }
}
