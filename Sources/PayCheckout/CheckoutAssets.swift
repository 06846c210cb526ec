import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import PayAPI
import PayCore

/// The stylesheet, the script and the icon of the hosted page. They are embedded in the binary.
struct CheckoutAsset: Sendable {
    let bytes: [UInt8]
    let contentType: String
    /// Changes with the content. It is part of the asset's URL, so that browsers may cache the asset for ever.
    let version: String

    fileprivate init(_ bytes: [UInt8], _ contentType: String) {
        self.bytes = bytes
        self.contentType = contentType
        version = Hexadecimal.text(of: SHA256.hash(data: bytes).prefix(8))
    }
}

enum CheckoutAssets {
    static let stylesheet = CheckoutAsset(PackageResources.checkout_css, "text/css; charset=utf-8")
    static let script = CheckoutAsset(PackageResources.checkout_js, "text/javascript; charset=utf-8")
    static let icon = CheckoutAsset(PackageResources.checkout_svg, "image/svg+xml")

    static var endpoints: [Endpoint] {
        [("css", stylesheet), ("js", script), ("svg", icon)].map { end, asset in
            Endpoint(
                path: "/assets/checkout.\(end)", handlers: [(.get, { request, _ in answer(asset, to: request) })])
        }
    }

    private static func answer(_ asset: CheckoutAsset, to request: Request) -> Response {
        // The page may come from a process of another version. An asset of another version is cached only for a while.
        let isThisVersion = request.uri.queryParameters["v"].map(String.init) == asset.version
        var headers: HTTPFields = [
            .contentType: asset.contentType, .xContentTypeOptions: "nosniff",
            .cacheControl: isThisVersion ? "public, max-age=31536000, immutable" : "public, max-age=300",
        ]
        headers[.contentSecurityPolicy] = "default-src 'none'"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}
