import NIOCore

/// A rendered page, as it is sent.
///
/// Compression can't give the token in the page away, as it can with a cookie (BREACH): the request has the same token in
/// its path, so only the token's holder can ask for the page.
struct CheckoutHTML: Hashable, Sendable {
    let bytes: ByteBuffer
    let isCompressed: Bool

    init(_ text: String, compressing: Bool) {
        let plain = Array(text.utf8)
        let compressed = compressing ? Gzip.compressed(plain, .quick) : nil
        bytes = ByteBuffer(bytes: compressed ?? plain)
        isCompressed = compressed != nil
    }

    init(_ view: CheckoutView, compressing: Bool) {
        self.init(CheckoutTemplate.html(view), compressing: compressing)
    }
}
