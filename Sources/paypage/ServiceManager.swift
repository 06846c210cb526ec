import Foundation

/// Reports the state of the process to systemd (`Type=notify`), by the protocol of sd_notify(3).
///
/// Without `NOTIFY_SOCKET` in the environment every report does nothing.
struct ServiceManager: Sendable {
    enum State: String, CaseIterable {
        /// The database is open and the listener bound.
        case ready = "READY=1"
        /// A stop was requested; requests and provider calls in flight are finished.
        case stopping = "STOPPING=1"
    }

    private let socketPath: String?

    init(environment: [String: String]) {
        socketPath = environment["NOTIFY_SOCKET"]
    }

    /// Sends one datagram. Waits for at most 5 s while the manager's queue is full, for example at boot. A report that
    /// can't be sent is dropped: systemd's time-outs remain.
    func report(_ state: State) {
        guard let socketPath, let address = UnixAddress(socketPath) else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var longestWait = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &longestWait, socklen_t(MemoryLayout<timeval>.size))
        let message = Array(state.rawValue.utf8)
        address.withSocketAddress { address, length in
            _ = sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), address, length)
        }
    }
}
