import Foundation
import PayProviders
import Testing

/// The service behind a real nginx: with nginx's default HTTP/1.0, and with keep-alive connections and upgrades.
@Suite(.serialized, .timeLimit(.minutes(3)), .needs(.nginx)) struct NginxTests {
    private static func configuration(_ folder: String, port: Int, service: Int) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: "\n    ")
        return """
            daemon off;
            master_process off;
            pid \(folder)/nginx.pid;
            error_log stderr warn;
            events { worker_connections 64; }
            http {
                access_log off;
                \(temporary)
                map $http_upgrade $passed_on { default upgrade; '' ''; }
                upstream paypage { server 127.0.0.1:\(service); keepalive 4; }
                server {
                    listen 127.0.0.1:\(port);
                    location /old/ { proxy_pass http://127.0.0.1:\(service)/; proxy_buffering off; }
                    location / {
                        proxy_http_version 1.1;
                        proxy_request_buffering off;
                        proxy_set_header Host $http_host;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection $passed_on;
                        proxy_pass http://paypage;
                    }
                }
            }
            """
    }

    private static func run(_ body: (Service, _ port: Int) async throws -> Void) async throws {
        for lane in ["on", "off"] {
            try await Story.run(["PAYPAGE_FAST_LANE": lane]) { story, _, service in
                #expect(try await service.firstPay("proxied").status == 201)
                let port = try FreePort.find()
                let file = "\(story.folder)/nginx.conf"
                try configuration(story.folder, port: port, service: service.port)
                    .write(toFile: file, atomically: true, encoding: .utf8)
                let nginx = try story.start(Tool.nginx.path ?? "nginx", ["-e", "stderr", "-c", file], [:])
                try await poll("nginx listens") { try? RawSocket(port: port) }
                try await body(service, port)
                nginx.signal(SIGTERM)
                _ = try await nginx.waitForEnd()
            }
        }
    }

    /// The status of each answer to these requests. The last request closes the connection.
    private static func statuses(_ port: Int, _ text: String) async throws -> [Int] {
        let socket = try RawSocket(port: port)
        await socket.send(Array(text.utf8))
        return await socket.read().components(separatedBy: "HTTP/1.1 ").dropFirst().compactMap { Int($0.prefix(3)) }
    }

    @Test func `nginx passes on each request of the table with its expected status`() async throws {
        try await Self.run { service, port in
            for base in ["", "/old"] {
                let key = "Authorization: Bearer \(service.apiKey)"
                func request(_ line: String, _ fields: [String] = [], _ body: String = "") -> String {
                    ([line, "Host: shop.example", key] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
                }
                let page = "GET \(base)/v1/payments/proxied/page HTTP/1.1"
                let repay = "POST \(base)/v1/payments/proxied/repay HTTP/1.1"
                let json = "Content-Type: application/json"
                let last = request(page, ["Connection: close"])
                let rows: [(String, [Int])] = [
                    (request(page), [200]), (request(page, ["Connection: Upgrade", "Upgrade: h2c"]), [200]),
                    (request(repay, [json, "Content-Length: 2"], "{}"), [200]),
                    (request(repay, [json, "Expect: 100-continue", "Content-Length: 2"], "{}"), [100, 200]),
                    (request(repay, [json, "Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n"), [200]),
                    (request("GET \(base)/nowhere HTTP/1.1"), [404]),
                ]
                for (text, statuses) in rows {
                    // Twice: the second time on the connection that nginx keeps open.
                    let found = try await Self.statuses(port, text + text + last)
                    #expect(found == statuses + statuses + [200], "\(text)")
                }
                let alone = try await Self.statuses(port, last)
                #expect(alone == [200])
                let connect = try await Self.statuses(port, request("CONNECT a:1 HTTP/1.1"))
                #expect(connect == [400] || connect == [405])
                let withoutHost = try await Self.statuses(port, "\(page)\r\n\(key)\r\n\r\n")
                #expect(withoutHost == [400])
                let large = request("POST \(base)/nowhere HTTP/1.1", ["Content-Length: 200000", "Connection: close"])
                let early = try await Self.statuses(port, large + String(repeating: "x", count: 200_000))
                #expect(early == [404])
            }
        }
    }

    @Test func `an event stream passes through nginx`() async throws {
        try await Self.run { service, port in
            for base in ["", "/old"] {
                let socket = try RawSocket(port: port)
                let path = "\(base)/v1/payments/proxied/events"
                await socket.send(
                    Array("GET \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(service.apiKey)\r\n\r\n".utf8))
                let told = await socket.read { $0.contains(#""state":"new""#) }
                #expect(told.hasPrefix("HTTP/1.1 200") && told.contains(#""state":"new""#))
            }
        }
    }
}
