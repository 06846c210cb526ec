import Foundation
import PayFlow
import Synchronization

/// A connection that hears the news of other processes.
protocol NewsLine: AnyObject {
    func listen(to channel: String) throws
    /// The texts that have come, after up to this wait for the first.
    func notifications(within limit: Duration) throws -> [String]
    /// Throws if the server does not answer.
    func check() throws
    func close()
}

/// Hears the news of other processes, on a thread and a connection of its own. Whenever it begins to listen, any order
/// may have changed.
final class NewsListener: Sendable {
    /// How long a close may wait for the thread.
    private static let wait = Duration.milliseconds(200)
    /// How often a silent connection is checked.
    private static let silence = Duration.seconds(5)
    /// More changes at once are told as any.
    private static let mostChanges = 256

    private let node: String
    private let waits: LaneWaits
    private let connect: @Sendable () throws -> any NewsLine
    private let state = Mutex(State())

    private struct State {
        var isStarted = false
        var isListening = false
        var isClosed = false
    }

    init(node: String, waits: LaneWaits, connect: @escaping @Sendable () throws -> any NewsLine) {
        self.node = node
        self.waits = waits
        self.connect = connect
    }

    var isListening: Bool { state.withLock { $0.isListening } }

    /// Starts the thread. For one reader.
    func start() -> AsyncStream<ForeignChange> {
        let (news, inbox) = AsyncStream<ForeignChange>.makeStream(bufferingPolicy: .bufferingNewest(Self.mostChanges))
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted && !state.isClosed
        }
        guard isFirst else {
            inbox.finish()
            return news
        }
        Thread.detachNewThread { [self] in
            run(inbox)
            inbox.finish()
        }
        return news
    }

    /// The thread ends soon after.
    func close() { state.withLock { $0.isClosed = true } }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private func run(_ inbox: AsyncStream<ForeignChange>.Continuation) {
        var connections = 0
        while !isClosed {
            do {
                let line = try connect()
                defer { line.close() }
                try line.listen(to: NewsText.channel)
                connections = 0
                state.withLock { $0.isListening = true }
                defer { state.withLock { $0.isListening = false } }
                tell(.any, inbox)
                try hear(line, inbox)
            } catch {
                connections += 1
                waits.sleep(waits.pause(beforeConnection: connections + 1))
            }
        }
    }

    private func hear(_ line: any NewsLine, _ inbox: AsyncStream<ForeignChange>.Continuation) throws {
        var heardAt = waits.now()
        while !isClosed {
            let texts = try line.notifications(within: Self.wait)
            if !texts.isEmpty {
                heardAt = waits.now()
                let numbers = Set(texts.compactMap { NewsText.change($0, heardBy: node) }.flatMap(\.numbers))
                if !numbers.isEmpty { tell(.orders(Array(numbers)), inbox) }
            } else if waits.now() >= heardAt + Self.silence {
                try line.check()
                heardAt = waits.now()
            }
        }
    }

    private func tell(_ change: ForeignChange, _ inbox: AsyncStream<ForeignChange>.Continuation) {
        // The reader is far behind, and what was dropped is unknown.
        if case .dropped = inbox.yield(change) { inbox.yield(.any) }
    }
}
