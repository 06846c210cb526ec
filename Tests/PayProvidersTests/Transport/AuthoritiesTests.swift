import CCurl
import Foundation
import Testing

@testable import PayProviders

/// The trusted authorities, and their cache across connections.
@Suite struct AuthoritiesTests {
    private static let systemFile = "/etc/ssl/certs/ca-certificates.crt"

    @Test func `the authorities are parsed once, not for each connection`() async throws {
        let server = try await OpenSSLServer.start()

        try await withTransport(authoritiesFile: server.certificateFile) { transport in
            // This server closes each connection, so that the next request needs a new handshake.
            _ = try await transport.send(.get("https://127.0.0.1:\(server.port)/"))
            try FileManager.default.removeItem(atPath: server.certificateFile)
            for _ in 1...3 {
                let reply = try await transport.send(.get("https://127.0.0.1:\(server.port)/"))
                #expect(reply.status == 200)
            }
        }
    }

    @Test func `256 requests at once to a server behind TLS are all answered`() async throws {
        let server = try await OpenSSLServer.start(.concurrent)
        let authorities = FileManager.default.temporaryDirectory.appending(
            path: "paypage-many-\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: authorities) }
        // Parsing this file for each connection would take half a minute of CPU, far beyond the connect time-out.
        let system = try String(contentsOfFile: Self.systemFile, encoding: .utf8)
        let own = try String(contentsOfFile: server.certificateFile, encoding: .utf8)
        try (String(repeating: system, count: 6) + own).write(to: authorities, atomically: true, encoding: .utf8)

        let limits = CurlTransport.Limits(connectTimeout: .seconds(10), totalTimeout: .seconds(30))
        let failures = await withTransport(limits, authoritiesFile: authorities.path) { transport in
            await withTaskGroup(of: TransportError?.self) { group in
                for _ in 1...256 {
                    group.addTask { await transport.failure(.create("https://127.0.0.1:\(server.port)/")) }
                }
                var failures: [TransportError] = []
                for await failure in group { failures += [failure].compactMap(\.self) }
                return failures
            }
        }

        #expect(failures == [])
    }

    @Test func `a file of authorities replaces the system's, its directory too`() {
        let authorities = Authorities(file: "/of/mine.pem", systemFile: nil)

        #expect(authorities.file == "/of/mine.pem" && authorities.areInOneFile)
    }

    @Test func `the system's directory is left out where the system's file is there, and only then`() {
        #expect(Authorities(file: nil, systemFile: Self.systemFile).areInOneFile)
        #expect(!Authorities(file: nil, systemFile: "/nowhere/authorities.pem").areInOneFile)
        #expect(!Authorities(file: nil, systemFile: nil).areInOneFile)
    }

    @Test func `libcurl is told to leave the directory out`() {
        let limits = CurlTransport.Limits()
        func leavesOut(_ authorities: Authorities) -> Bool {
            TransferOptions.options(limits, authorities: authorities).contains {
                if case .nothing(let option) = $0 { option == CURLOPT_CAPATH } else { false }
            }
        }

        #expect(leavesOut(Authorities(file: nil, systemFile: Self.systemFile)))
        #expect(!leavesOut(Authorities(file: nil, systemFile: nil)))
    }
}
