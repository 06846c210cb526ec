import Foundation
import Logging
import NIOCore
import NIOPosix
import PayCore
import PayFlow
import ServiceLifecycle

/// Listens for `paypage reload` on a Unix socket that only the service's user and root can open.
///
/// One line of JSON is a request, and one line is its answer. Without the socket the service runs on; SIGHUP remains.
struct ReloadSocket: Service {
    /// In bytes: more than the settings of many channels as variables.
    private static let longestRequest = 1 << 20
    private static let longestQueue: Int32 = 8

    let path: String
    let reload: SettingsReload
    let logger: Logger

    func run() async throws {
        guard let descriptor = listen() else {
            try? await gracefulShutdown()
            return
        }
        defer { unlink(path) }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        await cancelWhenGracefulShutdown {
            try? await server.executeThenClose { clients in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await client in clients { group.addTask { await serve(client) } }
                }
            }
        }
    }

    private func serve(_ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        try? await client.executeThenClose { inbound, outbound in
            var line = ByteBuffer()
            for try await part in inbound {
                line.writeImmutableBuffer(part)
                guard line.readableBytes <= Self.longestRequest else { return }
                guard let end = line.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { continue }
                let request = Data(line.readableBytesView[..<end])
                try await outbound.write(ByteBuffer(string: JSONText.of(await answer(request)) + "\n"))
                return
            }
        }
    }

    private func answer(_ line: Data) async -> ReloadReport {
        guard let request = try? JSONDecoder().decode(ReloadRequest.self, from: line),
            let name = PersonName(request.by)
        else { return ReloadReport(outcome: .refused, mistakes: ["the request is not of this version of paypage"]) }
        let actor = Actor(name, by: .cli, from: request.host.flatMap { PersonName($0) })
        return await reload(by: actor, variables: request.environment)
    }

    /// A listening socket; nil after a logged failure. A socket that a dead process left is replaced.
    private func listen() -> CInt? {
        guard let address = UnixAddress(path) else {
            return fail("the path is longer than \(UnixAddress.longestPath) bytes; set reload.socket")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return fail(String(cString: strerror(errno))) }
        // Before the bind: the file of the socket gets these permissions.
        fchmod(descriptor, 0o600)
        var isBound = address.withSocketAddress { bind(descriptor, $0, $1) } == 0
        if !isBound, errno == EADDRINUSE, !ReloadClient.isServed(path) {
            unlink(path)
            isBound = address.withSocketAddress { bind(descriptor, $0, $1) } == 0
        }
        guard isBound, Glibc.listen(descriptor, Self.longestQueue) == 0 else {
            let reason = errno == EADDRINUSE ? "another process serves it" : String(cString: strerror(errno))
            close(descriptor)
            return fail(reason)
        }
        return descriptor
    }

    private func fail(_ reason: String) -> CInt? {
        logger.warning(
            "reload socket not available, use SIGHUP", metadata: ["reload.socket": "\(path)", "reason": "\(reason)"])
        return nil
    }
}
