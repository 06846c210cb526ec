package import PayAccess

extension StrangerLimits {
    /// Throws `RATE_LIMITED` when the address has had too many checkout pages drawn.
    package func countPage(for client: NetworkAddress?) throws(Problem) {
        if let pause = pause(beforePageFor: client) { throw .tooOften(retryAfter: pause) }
    }

    /// Throws `RATE_LIMITED` when the address has had too many pictures drawn.
    func countPicture(for client: NetworkAddress?) throws(Problem) {
        if let pause = pause(beforePictureFor: client) { throw .tooOften(retryAfter: pause) }
    }

    /// Throws `RATE_LIMITED` while too many tokens from the address were refused.
    func checkRefusedTokens(of client: NetworkAddress?) throws(Problem) {
        if let pause = pause(beforeTokenOf: client) { throw .tooOften(retryAfter: pause) }
    }
}
