import Foundation
import PayProviders
import Testing

/// deploy/nginx.conf in a real nginx, with its TLS: only names, ports and the certificate are replaced.
@Suite(.serialized, .timeLimit(.minutes(1)), .needs(.nginx), .needs(.openssl), .needs(.curl))
struct NginxSampleTests {
    @Test func `the sample serves calls and events over TLS, and hides the metrics`() async throws {
        try await Story.run(["PAYPAGE_HTTP_TRUSTED_PROXIES": "127.0.0.1"]) { story, _, service in
            let proxy = try await Proxy.start(story, service)
            let base = "https://pay.example.com:\(proxy.port)"
            let key = "Authorization: Bearer \(service.apiKey)"
            let made = try await proxy.curl([
                "-H", key, "-H", "Idempotency-Key: sample-1", "-H", "Content-Type: application/json", "-d",
                #"{"out_trade_no":"sample_1","user_id":"u1","amount":9900,"currency":"CNY","subject":"A book","#
                    + #""channel":"sandbox","terminal":"pc"}"#,
                "\(base)/v1/payments",
            ])
            #expect(made.contains(#""out_trade_no":"sample_1""#) && made.hasSuffix("\n201"), "\(made)")
            let metrics = try await proxy.curl(["-H", key, "\(base)/metrics"])
            #expect(metrics.hasSuffix("\n404"))
            let plain = try await proxy.curl(["http://pay.example.com:\(proxy.plainPort)/healthz"])
            #expect(plain.hasSuffix("\n301"))
            // The stream stays open: its first event arrives all the same.
            let events = try story.start(
                try #require(Tool.curl.path),
                proxy.options + ["--no-buffer", "-H", key, "\(base)/v1/payments/sample_1/events"], [:])
            _ = try await events.output.first("an event passes the proxy") { $0.contains(#""state":"new""#) ? $0 : nil }
            events.signal(SIGKILL)
        }
    }

    @Test func `behind the sample, each client has its own rate limit`() async throws {
        try await Story.run(["PAYPAGE_HTTP_TRUSTED_PROXIES": "127.0.0.1"]) { story, _, service in
            let proxy = try await Proxy.start(story, service)
            let base = "https://pay.example.com:\(proxy.port)"
            // More bad notices from one client than its limit allows at once. nginx appends the client's own address.
            let limit = 600
            let many = try await proxy.curl([
                "-X", "POST", "-d", "{}", "\(base)/v1/notices/sandbox?n=[1-\(limit)]",
            ])
            #expect(many.contains("\n429"))
            let other = try await proxy.curl([
                "--interface", "127.0.0.2", "-X", "POST", "-d", "{}", "\(base)/v1/notices/sandbox",
            ])
            #expect(!other.hasSuffix("\n429"), "\(other)")
        }
    }
}

/// nginx with the sample, and curl that trusts its certificate.
private struct Proxy {
    let port: Int
    let plainPort: Int
    let options: [String]
    private let folder: String

    static func start(_ story: Story, _ service: Service) async throws -> Proxy {
        let (port, plainPort) = (try FreePort.find(), try FreePort.find())
        let (certificate, key) = ("\(story.folder)/pay.pem", "\(story.folder)/pay.key")
        let made = try await Paypage.run(
            try #require(Tool.openssl.path),
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=pay.example.com",
                "-addext", "subjectAltName=DNS:pay.example.com", "-keyout", key, "-out", certificate,
            ], in: story.folder)
        try #require(made.end == .exited(0), "\(made.errors)")
        let sample = try Repository.text("deploy/nginx.conf")
            .replacing("/etc/ssl/certs/pay.example.com.pem", with: certificate)
            .replacing("/etc/ssl/private/pay.example.com.key", with: key)
            .replacing("listen 443 ", with: "listen \(port) ")
            .replacing("listen 80;", with: "listen \(plainPort);")
            .replacing("127.0.0.1:8080", with: "127.0.0.1:\(service.port)")
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(story.folder)/\($0);" }.joined(separator: "\n")
        let file = "\(story.folder)/nginx.conf"
        try """
        daemon off;
        master_process off;
        pid \(story.folder)/nginx.pid;
        error_log stderr warn;
        events { worker_connections 64; }
        http {
        access_log off;
        \(temporary)
        \(sample)
        }
        """.write(toFile: file, atomically: true, encoding: .utf8)
        _ = try story.start(Tool.nginx.path ?? "nginx", ["-e", "stderr", "-c", file], [:])
        try await poll("nginx listens") { try? RawSocket(port: port) }
        let options = [
            "--silent", "--cacert", certificate, "--resolve", "pay.example.com:\(port):127.0.0.1", "--resolve",
            "pay.example.com:\(plainPort):127.0.0.1",
        ]
        return Proxy(port: port, plainPort: plainPort, options: options, folder: story.folder)
    }

    /// The bodies, each with a line of its status after it.
    func curl(_ arguments: [String]) async throws -> String {
        let run = try await Paypage.run(
            try #require(Tool.curl.path), options + ["--write-out", "\\n%{http_code}"] + arguments, in: folder)
        return run.output
    }
}
