import Foundation
import NIOCore

/// The error of a failed listener, with the address and the fix.
struct ListenFailure {
    /// Nil if the host is always loopback.
    let hostSetting: String?
    /// The name of the port's setting: `http.port`, or `--port`.
    let portSetting: String
    let host: String
    let port: Int

    /// Nil for an error that is not about listening.
    func failure(for error: any Error) -> CommandFailure? {
        switch error {
        case let error as IOError: failure(errno: error.errnoCode).map { CommandFailure($0) }
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            CommandFailure("the host name \(host) cannot be resolved; \(hostRemedy)")
        default: nil
        }
    }

    private func failure(errno code: CInt) -> String? {
        switch code {
        case EADDRINUSE:
            "port \(port) on \(host) is already in use; stop the process that listens there (ss -ltnp shows it), or set "
                + "\(portSetting) to another port"
        case EACCES, EPERM:
            "port \(port) needs a privilege that this user lacks; set \(portSetting) to 1024 or above, or grant it "
                + "(AmbientCapabilities=CAP_NET_BIND_SERVICE in a systemd unit)"
        case EADDRNOTAVAIL: "\(host) is not an address of this machine; \(hostRemedy)"
        case EAFNOSUPPORT: "this machine does not support the address family of \(host); \(hostRemedy)"
        default: nil
        }
    }

    private var hostRemedy: String {
        hostSetting.map { "set \($0) to an address of this machine, such as 127.0.0.1, or 0.0.0.0 for every interface" }
            ?? "check /etc/hosts"
    }
}
