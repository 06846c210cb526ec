import Foundation
import PayProviders
import Testing

/// Clients that send too much, or never finish.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FloodTests {
    private static let host = "Host: a\r\n"

    /// In MiB.
    private static func residentMemory(_ process: ChildProcess) throws -> Int {
        let pages = try String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8).split(separator: " ")
        return (Int(pages[1]) ?? 0) * 4_096 >> 20
    }

    /// Sends up to 16 MiB after an opening, on two connections. Returns the growth of the process in MiB.
    private static func growth(
        of process: ChildProcess, port: Int, opening: String, then bytes: String
    ) async throws -> Int {
        let before = try residentMemory(process)
        var sockets: [RawSocket] = []
        let block = Array(String(repeating: bytes, count: max(1, 65_536 / bytes.utf8.count)).utf8)
        for _ in 0..<2 {
            let socket = try RawSocket(port: port)
            await socket.send(Array(opening.utf8))
            await socket.send(block, times: 8 << 20 / block.count)
            sockets.append(socket)
        }
        return try residentMemory(process) - before
    }

    private static let openings: [(String, String)] = [
        ("GET /healthz HTTP/1.1\r\n\(host)Connection: upgrade\r\nUpgrade: x\r\n\r\n", "x"),
        ("GET /healthz HTTP/1.1\r\n\(host)Connection: upgrade\r\nUpgrade: x\r\n\r\n", "GET / HTTP/1.1\r\n\(host)\r\n"),
        ("CONNECT a:1 HTTP/1.1\r\n\(host)\r\n", "x"), ("", "\r\n"),
        ("POST /nowhere HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("POST /nowhere HTTP/1.1\r\n\(host)Content-Length: 999999999\r\n\r\n", "x"),
    ]

    @Test func `an endless request does not fill the memory of the service or the sandbox`() async throws {
        try await Story.run { story in
            let (provider, sandbox) = try await story.startSandbox()
            let service = try await story.startService(sandbox)
            #expect(try await service.firstPay("flooded").status == 201)
            let port = URL(string: sandbox.client.base)?.port ?? 0
            let key = "Authorization: Bearer \(service.apiKey)\r\n"
            let stream = "GET /v1/payments/flooded/events HTTP/1.1\r\n\(Self.host)\(key)\r\n"
            for (opening, bytes) in Self.openings + [(stream, "x"), (stream, "GET / HTTP/1.1\r\n\(Self.host)\r\n")] {
                let grown = try await Self.growth(
                    of: service.process, port: service.port, opening: opening, then: bytes)
                #expect(grown < 12, "\(opening) grew the service by \(grown) MiB")
            }
            for (opening, bytes) in Self.openings {
                let grown = try await Self.growth(of: provider, port: port, opening: opening, then: bytes)
                #expect(grown < 12, "\(opening) grew the sandbox by \(grown) MiB")
            }
            #expect(try await service.repay("flooded").status == 200)
            #expect(try await sandbox.creates("flooded_1") == 1)
        }
    }

    @Test(arguments: ["on", "off"])
    func `more unfinished requests than open files leave the shop served, and delay no shutdown`(
        lane: String
    ) async throws {
        try await Story.run(["PAYPAGE_FAST_LANE": lane]) { story in
            let sandbox = try await story.startSandbox().sandbox
            let service = try await story.startService(sandbox, openFiles: 256)
            var flood: [RawSocket] = []
            let huge = "Content-Length: 999999999\r\n\r\na"
            for index in 0..<400 {
                let socket = try RawSocket(port: service.port)
                let path = ["/v1/payments", "/healthz", "/nowhere", "/checkout/c1.x.y.z"][index % 4]
                await socket.send(Array("POST \(path) HTTP/1.1\r\n\(Self.host)\(huge)".utf8))
                flood.append(socket)
                guard index % 20 == 19 else { continue }
                let shop = story.client(base: service.client.base)
                let caller = Service(process: service.process, port: service.port, client: shop)
                #expect(try await caller.firstPay("shop_\(index)").status == 201)
                #expect(try await caller.repay("shop_\(index)").status == 200)
            }
            service.process.signal(SIGTERM)
            #expect(try await service.process.waitForEnd(within: .seconds(10)) == .exited(0))
            #expect(flood.count == 400)
        }
    }
}
