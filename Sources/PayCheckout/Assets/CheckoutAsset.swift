import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import PayAPI
import PayCore

/// A file that the hosted page loads.
struct CheckoutAsset: Sendable {
    /// The last part of its path.
    let name: String
    private let contentType: String
    /// Changes with the content. It is part of the asset's URL, so that browsers may cache the asset for ever.
    private let version: String
    private let plain: ByteBuffer
    /// Compressed once. Nil if that saves nothing, as for a PNG file.
    private let compressed: ByteBuffer?

    init(_ name: String, _ bytes: [UInt8], _ contentType: String) {
        self.name = name
        self.contentType = contentType
        version = Hexadecimal.text(of: SHA256.hash(data: bytes).prefix(8))
        plain = ByteBuffer(bytes: bytes)
        compressed = Gzip.compressed(bytes, .smallest).map { ByteBuffer(bytes: $0) }
    }

    init(_ stem: String, _ image: CheckoutImage) {
        self.init("\(stem).\(image.format.rawValue)", image.bytes, image.format.contentType)
    }

    /// The URL for the page.
    func url(under folder: String) -> String { "\(folder)/\(name)?v=\(version)" }

    func answer(to request: Request) -> Response {
        // The page may come from a process of another version. An asset of another version is cached only for a while.
        let isThisVersion = request.uri.queryParameters["v"].map(String.init) == version
        let compressed = request.acceptsGzip ? compressed : nil
        let tag = compressed == nil ? "\"\(version)\"" : "\"\(version)-gzip\""
        var headers: HTTPFields = [
            .contentType: contentType, .xContentTypeOptions: "nosniff", .eTag: tag, .vary: "Accept-Encoding",
            .cacheControl: isThisVersion ? "public, max-age=31536000, immutable" : "public, max-age=300",
            // A merchant's SVG file is shown as a picture. Opened by itself, it may style itself, and nothing else.
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        ]
        guard !request.names(tag) else {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        if compressed != nil { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: compressed ?? plain))
    }
}
