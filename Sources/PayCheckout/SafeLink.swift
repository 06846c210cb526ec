import PayCore

/// An address that the page may link to: https, or http on loopback. It is never a script, whatever its source.
struct SafeLink: Hashable, Sendable {
    let url: String

    init?(_ text: String) {
        guard WebAddress(text)?.isProtected == true else { return nil }
        url = text
    }
}
