import Foundation
import Testing

@testable import PayProviders

/// Only servers with a trusted certificate for their name are called, and never through a proxy.
@Suite struct TrustTests {
    @Test func `a self-signed certificate is not trusted, and nothing was sent`() async throws {
        let server = try await OpenSSLServer.start()

        let error = await withTransport { await $0.failure(.create("https://127.0.0.1:\(server.port)/")) }

        #expect(error == TransportError(.neverSent, .tlsNotTrusted))
    }

    @Test func `a certificate of a trusted authority for the host named is trusted`() async throws {
        let server = try await OpenSSLServer.start()

        let reply = try await withTransport(authoritiesFile: server.certificateFile) {
            try await $0.send(.get("https://127.0.0.1:\(server.port)/"))
        }

        #expect(reply.status == 200)
    }

    @Test func `a certificate for another host is not trusted, and nothing was sent`() async throws {
        let server = try await OpenSSLServer.start()

        let error = await withTransport(authoritiesFile: server.certificateFile) {
            await $0.failure(.create("https://localhost:\(server.port)/"))
        }

        #expect(error == TransportError(.neverSent, .tlsNotTrusted))
    }

    @Test func `TLS secrets are not written to the file that SSLKEYLOGFILE names`() async {
        // In a separate process, because the environment belongs to the whole process.
        await #expect(processExitsWith: .success) {
            let file = FileManager.default.temporaryDirectory.appending(path: "paypage-secrets-\(UUID().uuidString)")
                .path
            defer { try? FileManager.default.removeItem(atPath: file) }
            setenv("SSLKEYLOGFILE", file, 1)
            let server = try await OpenSSLServer.start()

            let reply = try await withTransport(authoritiesFile: server.certificateFile) {
                try await $0.send(.get("https://127.0.0.1:\(server.port)/"))
            }

            #expect(reply.status == 200)
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test func `a proxy in the environment is not used`() async {
        // In a separate process, because the environment belongs to the whole process.
        await #expect(processExitsWith: .success) {
            let proxy = LoopbackServer { $0.answerAll() }
            for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"] { setenv(name, proxy.url, 1) }
            let server = LoopbackServer { $0.answerAll() }

            let reply = try await withTransport { try await $0.send(.get(server.url)) }

            #expect(reply.status == 200)
            #expect(server.requests.count == 1)
            #expect(proxy.connections == 0)
        }
    }

    @Test func `neither a request nor a reply nor an error prints a secret`() async {
        let secret = Header(name: "Authorization", value: "Bearer secret")
        let url = "http://127.0.0.1:1/pay?sign=secret"
        let request = ProviderRequest(method: .post, url: url, headers: [secret], body: Array("secret".utf8))
        let reply = ProviderReply(status: 200, headers: [secret], body: Array("secret".utf8))

        let error = await withTransport { await $0.failure(request) }

        #expect("\(request)" == "POST http://127.0.0.1:1/pay (6 bytes)")
        #expect("\(reply) \(secret)" == "200 (6 bytes) Authorization: …")
        #expect(error?.description == "connection failed; the request was not sent")
    }
}
