import NIOCore
import Testing

@testable import paypage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ListenFailureTests {
    private let listening = ListenFailure(
        hostSetting: "http.host", portSetting: "http.port", host: "10.9.8.7", port: 80)

    @Test(arguments: [
        (EADDRINUSE, "port 80 on 10.9.8.7 is already in use", "http.port"),
        (EACCES, "port 80 needs a privilege that this user lacks", "CAP_NET_BIND_SERVICE"),
        (EADDRNOTAVAIL, "10.9.8.7 is not an address of this machine", "http.host"),
        (EAFNOSUPPORT, "does not support the address family of 10.9.8.7", "http.host"),
    ]) func `a failed bind names the address and what to set`(code: Int32, problem: String, remedy: String) {
        let failure = listening.failure(for: IOError(errnoCode: code, reason: "bind(descriptor:ptr:bytes:)"))
        let words = failure?.description ?? ""
        #expect(words.contains(problem) && words.contains(remedy), "\(words)")
        #expect(!words.contains("errno") && !words.contains("bind("))
    }

    @Test func `a host name that can't be resolved is named in the error`() {
        let unknown = #expect(throws: SocketAddressError.UnknownHost.self) {
            try SocketAddress.makeAddressResolvingHost("no host", port: 80)
        }
        let words = unknown.flatMap { listening.failure(for: $0) }?.description ?? ""
        #expect(words.contains("host name 10.9.8.7 cannot be resolved") && words.contains("http.host"))
    }

    @Test func `an unrelated error is not reported as a failure to listen`() {
        #expect(listening.failure(for: CommandFailure("other")) == nil)
        #expect(listening.failure(for: IOError(errnoCode: EPIPE, reason: "write")) == nil)
    }
}
