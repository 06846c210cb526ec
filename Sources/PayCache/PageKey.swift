/// The keys of a page in JSON answers, in the order in which they are written.
package enum PageKey: String, CodingKey {
    case channel, content, expires_at, expires_in, kind, terminal
}
