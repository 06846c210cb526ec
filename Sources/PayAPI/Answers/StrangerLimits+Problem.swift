package import PayAccess
package import PayCore

extension StrangerLimits {
    /// Counts a checkout page. Throws `RATE_LIMITED` if the address has used up its limit.
    package func countPage(for client: NetworkAddress?) throws(Problem) {
        if let pause = pause(beforePageFor: client) { throw .tooOften(retryAfter: pause) }
    }

    /// Counts a QR picture. Throws `RATE_LIMITED` if the address has used up its limit.
    func countPicture(for client: NetworkAddress?) throws(Problem) {
        if let pause = pause(beforePictureFor: client) { throw .tooOften(retryAfter: pause) }
    }

    /// Throws `RATE_LIMITED` while too many tokens from the address were refused.
    func checkRefusedTokens(of client: NetworkAddress?) throws(Problem) {
        if let pause = pause(beforeTokenOf: client) { throw .tooOften(retryAfter: pause) }
    }
}
