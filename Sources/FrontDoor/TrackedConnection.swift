import NIOCore
import Synchronization

/// A connection in the front door's table, with its phase and the time of the last change.
package final class TrackedConnection: Sendable {
    enum Phase: UInt8 {
        /// Between two requests.
        case idle
        /// Part of a request has arrived.
        case receiving
        /// The routes are working on a whole request, or the lane is waiting to answer one.
        case answering
        /// The client has not read a response yet.
        case unread
        /// The last response is written, and the client has not closed its side.
        case lingering
    }

    struct State: Equatable {
        var phase: Phase
        /// The start of the phase, in the door's own count of seconds.
        package var since: UInt32
        /// Whether an authenticated request succeeded on this connection.
        var isKnown: Bool
    }

    let channel: any Channel
    /// Whether the connection was told to close and has not refused. It already counts as closed.
    let isLeaving = Atomic<Bool>(false)
    private let bits: Atomic<UInt64>

    init(_ channel: any Channel, at now: UInt32) {
        self.channel = channel
        bits = Atomic(Self.bits(State(phase: .idle, since: now, isKnown: false)))
    }

    /// Written only on the connection's own event loop.
    var state: State {
        get {
            let bits = bits.load(ordering: .relaxed)
            return State(
                phase: Phase(rawValue: UInt8(truncatingIfNeeded: bits)) ?? .idle,
                since: UInt32(truncatingIfNeeded: bits >> 8), isKnown: bits >> 40 & 1 == 1)
        }
        set { bits.store(Self.bits(newValue), ordering: .relaxed) }
    }

    private static func bits(_ state: State) -> UInt64 {
        UInt64(state.phase.rawValue) | UInt64(state.since) << 8 | (state.isKnown ? 1 << 40 : 0)
    }
}

extension TrackedConnection.State {
    /// Whether the connection has exceeded the time limit of its phase.
    func isOver(at now: UInt32, _ limits: DoorLimits) -> Bool {
        let spent = now &- since
        return switch phase {
        case .idle: spent > limits.idleTimeout
        case .receiving, .unread: spent > limits.requestTimeout
        case .lingering: spent > DoorLimits.lingering
        case .answering: false
        }
    }

    /// The priority for closing: connections with a smaller value close first. Nil if the connection must not be
    /// closed.
    package func order(at now: UInt32) -> (rank: Int, newness: UInt32)? {
        let rank: Int? =
            switch phase {
            case .lingering: 0
            case .receiving: isKnown ? 3 : 1
            case .idle: isKnown ? 4 : 2
            case .unread: 5
            case .answering: nil
            }
        return rank.map { ($0, UInt32.max - (now &- since)) }
    }
}
