import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import PayAPI
import PayCore

/// The files that every page loads. They are embedded in the binary.
enum ConsoleAssets {
    static let stylesheet = ConsoleAsset("console.css", PackageResources.console_css, "text/css; charset=utf-8")
    static let script = ConsoleAsset("console.js", PackageResources.console_js, "text/javascript; charset=utf-8")
    static let icon = ConsoleAsset("console.svg", PackageResources.console_svg, "image/svg+xml")

    static let routes = [stylesheet, script, icon].map { asset in
        ConsoleRoute.openGet(RouterPath(asset.path)) { .response(asset.answer(to: $0.request)) }
    }
}

/// A file with a URL that changes with its content, so that browsers may cache the file for ever.
struct ConsoleAsset: Sendable {
    let path: String
    private let contentType: String
    private let version: String
    private let bytes: ByteBuffer

    init(_ name: String, _ bytes: [UInt8], _ contentType: String) {
        path = "/console/assets/\(name)"
        self.contentType = contentType
        version = Hexadecimal.text(of: SHA256.hash(data: bytes).prefix(8))
        self.bytes = ByteBuffer(bytes: bytes)
    }

    var url: String { "\(path)?v=\(version)" }

    func answer(to request: Request) -> Response {
        let isThisVersion = request.uri.queryParameters["v"].map(String.init) == version
        let tag = "\"\(version)\""
        var headers: HTTPFields = [
            .contentType: contentType, .xContentTypeOptions: "nosniff", .eTag: tag,
            .cacheControl: isThisVersion ? "public, max-age=31536000, immutable" : "public, max-age=300",
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            .resourcePolicy: "same-origin",
        ]
        guard !request.names(tag) else {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
    }
}
