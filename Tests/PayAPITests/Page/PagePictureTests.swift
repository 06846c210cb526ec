import PayAccess
import PayCore
import PayProviders
import PayTestSupport
import QRDrawing
import ServiceTestSupport
import Testing

/// QR payloads as pictures. QRDrawingTests verify that scanners can read them.
@Suite(.timeLimit(.minutes(5))) struct PagePictureTests {
    private static let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"

    /// The paths of the page, each with its caller.
    private static func doors(_ service: TestService) throws -> [(path: String, who: Client.Who)] {
        let token = service.checkouts.token(
            for: try #require(OrderNumber(Sample.number)), expiresAt: service.clock.now() + .seconds(600))
        return [
            ("/v1/payments/\(Sample.number)/page", .merchant), ("/v1/payments/\(Sample.number)/page", .user("user_1")),
            ("/checkout/\(token)/page", .nobody),
        ]
    }

    @Test(
        arguments: [
            (nil, "text/plain; charset=utf-8"), ("*/*", "text/plain; charset=utf-8"), (browser, "image/svg+xml"),
            ("image/svg+xml", "image/svg+xml"), ("image/png", "image/png"), ("application/json", "application/json"),
        ] as [(String?, String)])
    func `a QR payload is served as a picture on every path`(
        accept: String?, contentType: String
    ) async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            let payload = try #require(try await service.client.pay().page["content"].string)
            for (path, who) in try Self.doors(service) {
                let answer = try await service.client.get(path, as: who, headers: accept.map { ["Accept": $0] } ?? [:])
                #expect(answer.status == 200)
                #expect(answer.header("Content-Type") == contentType)
                #expect(answer.header("Cache-Control") == "no-store")
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Vary") == "Accept, Authorization")
                #expect(answer.header("Cache-Status") == "paypage; hit; ttl=300")
                switch contentType {
                case "image/svg+xml": #expect(answer.text == (try QRCode(payload).svg(label: "QR code")))
                case "image/png": #expect(answer.body == (try QRCode(payload).png()))
                case "application/json": #expect(answer.json["content"].string == payload)
                case _: #expect(answer.text == payload)
                }
            }
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `a picture has the requested module size, and each size and form its own tag`() async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            let payload = try #require(try await service.client.pay().page["content"].string)
            var tags: Set<String> = []
            for size in [1, 8, 32] {
                let query = "?size=\(size)"
                let svg = try await service.client.page(Sample.number, query, accept: "image/svg+xml")
                #expect(svg.text == (try QRCode(payload).svg(moduleSize: size, label: "QR code")))
                let png = try await service.client.page(Sample.number, query, accept: "image/png")
                #expect(png.body == (try QRCode(payload).png(moduleSize: size)))
                tags.formUnion([svg.header("ETag"), png.header("ETag")].compactMap { $0 })
            }
            for accept in ["text/plain", "application/json"] {
                let tag = try await service.client.page(accept: accept).header("ETag")
                #expect(try await service.client.page(Sample.number, "?size=3", accept: accept).header("ETag") == tag)
                tags.formUnion([tag].compactMap { $0 })
            }
            #expect(tags.count == 8)
            let usual = try await service.client.page(accept: "image/png").header("ETag")
            #expect(
                try await service.client.page(Sample.number, "?size=8", accept: "image/png").header("ETag") == usual)
        }
    }

    @Test func `a picture with a matching If-None-Match gets a 304, and another's tag does not match`() async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            _ = try await service.client.pay()
            let tag = try #require(try await service.client.page(accept: "image/png").header("ETag"))
            func ask(_ accept: String, _ query: String = "") async throws -> Answer {
                try await service.client.get(
                    "/v1/payments/\(Sample.number)/page\(query)", headers: ["If-None-Match": tag, "Accept": accept])
            }
            let known = try await ask("image/png")
            #expect(known.status == 304 && known.body.isEmpty && known.header("ETag") == tag)
            #expect(try await ask("image/png", "?size=8").status == 304)
            #expect(try await ask("image/png", "?size=9").status == 200)
            #expect(try await ask("image/svg+xml").status == 200)
        }
    }

    @Test(arguments: ["?size=0", "?size=33", "?size=08", "?size=big", "?size=", "?size=8&size=8"])
    func `an invalid size is a mistake for every form`(query: String) async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            _ = try await service.client.pay()
            for accept in ["image/png", "image/svg+xml", "text/plain"] {
                let answer = try await service.client.page(Sample.number, query, accept: accept)
                expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
                #expect(pointers(answer) == ["/size"])
            }
        }
    }

    @Test func `a 406 names the available forms of the page`() async throws {
        try await withService(TestSetup(channels: ["sandbox", "sandbox2"], pcKind: .qr)) { service in
            _ = try await service.client.pay()
            for accept in ["image/webp", "text/html", "image/*;q=0, application/xml"] {
                let answer = try await service.client.page(accept: accept)
                expectProblem(answer, 406, "NOT_ACCEPTABLE")
                let offered = "text/plain, image/svg+xml, image/png, application/json"
                #expect(answer.json["detail"].string?.hasSuffix(offered) == true)
            }
        }
    }
}
