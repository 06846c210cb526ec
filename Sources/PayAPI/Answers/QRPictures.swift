import NIOCore
import PayCache
import PayCore

/// A cache of QR pictures. Drawing a picture takes milliseconds; keeping it takes some kilobytes.
final class QRPictures: Sendable {
    /// Enough for some hundred pictures of the usual size.
    private static let mostBytes = 8 << 20
    /// The approximate size of an entry without its bytes.
    private static let entryBytes = 200

    private struct Name: Hashable {
        package let payload: String
        package let form: Representation
        let moduleSize: Int
    }

    private let drawn = RecentBytes<Name>(mostBytes: mostBytes) { $0.payload.utf8.count + entryBytes }

    /// - Parameter beforeDrawing: called before a picture is drawn; throws to prevent that.
    func picture(
        _ picture: QRPicture, of payload: String, as form: Representation, beforeDrawing: () throws -> Void
    ) throws -> ByteBuffer {
        let name = Name(payload: payload, form: form, moduleSize: picture.moduleSize)
        if let known = drawn[name] { return known }
        try beforeDrawing()
        let bytes = form == .png ? try picture.png(of: payload) : try picture.svg(of: payload)
        let body = ByteBuffer(bytes: bytes)
        drawn.keep(body, for: name)
        return body
    }
}
