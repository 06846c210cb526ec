import Foundation
import PayProviders
import Testing

/// The service tells systemd when it can take requests and when it begins to stop, as `Type=notify` in the unit requires.
@Suite(.serialized, .timeLimit(.minutes(1))) struct ServiceManagerTests {
    @Test(arguments: [false, true])
    func `systemd is told once the service answers requests, and again when it stops`(isAbstract: Bool) async throws {
        try await Story.run { story in
            let name = isAbstract ? "@paypage-\(UUID().uuidString)" : "\(story.folder)/notify"
            let manager = try NotifySocket(name)
            let sandbox = try await story.startSandbox().sandbox
            let service = try await story.startService(sandbox, ["NOTIFY_SOCKET": name])
            #expect(try await manager.next() == "READY=1")
            #expect(try await service.call(.get, "/readyz").status == 200)
            service.process.signal(SIGTERM)
            #expect(try await manager.next() == "STOPPING=1")
            #expect(try await service.process.waitForEnd() == .exited(0))
        }
    }

    @Test func `a start that fails never reports that the service is ready`() async throws {
        try await withFolder { folder in
            let manager = try NotifySocket("\(folder)/notify")
            let run = try await Paypage.run(
                ["serve", "--dev"],
                settings: [
                    "PAYPAGE_HTTP_PORT": "0", "PAYPAGE_DATABASE_URL": "sqlite:missing/x.sqlite",
                    "NOTIFY_SOCKET": "\(folder)/notify",
                ], in: folder)
            #expect(run.isRefusal)
            #expect(manager.waiting() == nil)
        }
    }

    @Test func `a service manager that is gone does not stop the service`() async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            let service = try await story.startService(sandbox, ["NOTIFY_SOCKET": "\(story.folder)/nobody"])
            #expect(try await service.call(.get, "/readyz").status == 200)
        }
    }
}

/// The end of systemd: a datagram socket in the file system, or in the abstract namespace (`@name`).
final class NotifySocket: Sendable {
    private let descriptor: Int32

    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(name.utf8).map { $0 == UInt8(ascii: "@") ? 0 : $0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count)
        let result = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw ChildProcess.NotStarted(description: "cannot bind \(name): \(errno)") }
    }

    deinit { close(descriptor) }

    /// The next message that has arrived already; nil when there is none.
    func waiting() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    func next() async throws -> String {
        try await poll("the service manager is told") { [self] in waiting() }
    }
}
