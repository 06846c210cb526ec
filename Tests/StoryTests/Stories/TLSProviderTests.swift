import Foundation
import PayProviders
import Testing

/// A provider behind TLS, whose certificate comes from a private authority of the merchant.
@Suite(.serialized, .timeLimit(.minutes(2))) struct TLSProviderTests {
    /// Terminates TLS, and forwards to the port in its last argument.
    private static let relay = """
        import asyncio, ssl, sys

        async def copy(reader, writer):
            try:
                while data := await reader.read(65536):
                    writer.write(data)
                    await writer.drain()
            except OSError:
                pass
            writer.close()

        async def serve(reader, writer):
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[3]))
            await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

        async def main():
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(sys.argv[1], sys.argv[2])
            server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, backlog=1024)
            print("listening on %d" % server.sockets[0].getsockname()[1], flush=True)
            await server.serve_forever()

        asyncio.run(main())
        """

    /// The sandbox behind TLS: its base URL, and the file of its authority.
    private func startRelay(_ story: Story, to sandbox: Sandbox) async throws -> (base: String, authorities: String) {
        let (certificate, key) = ("\(story.folder)/relay.pem", "\(story.folder)/relay-key.pem")
        let made = try await Paypage.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "1",
                "-subj", "/CN=paypage test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                certificate,
            ], in: story.folder)
        try #require(made.end == .exited(0))
        let port = try #require(sandbox.client.base.split(separator: "/").dropFirst().first?.split(separator: ":").last)
        let relay = try story.start("/usr/bin/env", ["python3", "-c", Self.relay, certificate, key, String(port)], [:])
        let listening = try await relay.output.first("the relay listens") { line in
            line.hasPrefix("listening on ") ? String(line.dropFirst("listening on ".count)) : nil
        }
        return ("https://127.0.0.1:\(listening)/sandbox", certificate)
    }

    @Test func `provider.ca.file decides which authorities are trusted for providers`() async throws {
        let patience = ["PAYPAGE_PROVIDER_TIMEOUT": "20s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "20s"]
        try await Story.run(patience) { story in
            let sandbox = try await story.startSandbox().sandbox
            let (base, authorities) = try await startRelay(story, to: sandbox)
            let channel = [
                "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_SANDBOX_SECRET": Story.sandboxSecret,
                "PAYPAGE_SANDBOX_BASE_URL": base,
            ]

            let trusting = try await story.startService(with: channel, ["PAYPAGE_PROVIDER_CA_FILE": authorities])
            #expect(try await trusting.firstPay("trusted").status == 201)
            let elsewhere = ["PAYPAGE_DATABASE_URL": "sqlite:\(story.folder)/other.sqlite"]
            let other = try await story.startService(with: channel, elsewhere)
            #expect(try await other.firstPay("not_trusted").status >= 500)

            #expect(try await sandbox.trades(of: "trusted").count == 1)
            #expect(try await sandbox.trades(of: "not_trusted").isEmpty)
        }
    }
}
