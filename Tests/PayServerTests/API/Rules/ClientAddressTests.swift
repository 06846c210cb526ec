import HTTPTypes
import NIOCore
import Testing

@testable import PayServer

@Suite struct ClientAddressTests {
    struct Case: Sendable {
        let promise: String
        let proxies: [String]
        let connection: String?
        let forwarded: [String]
        let client: String?
    }

    @Test(arguments: [
        Case(promise: "no proxy", proxies: [], connection: "192.0.2.1", forwarded: [], client: "192.0.2.1"),
        Case(
            promise: "nobody is trusted", proxies: [], connection: "192.0.2.1", forwarded: ["203.0.113.7"],
            client: "192.0.2.1"),
        Case(
            promise: "another is trusted", proxies: ["10.0.0.1"], connection: "192.0.2.1",
            forwarded: ["203.0.113.7"], client: "192.0.2.1"),
        Case(
            promise: "a trusted proxy is believed", proxies: ["10.0.0.1"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7"], client: "203.0.113.7"),
        Case(
            promise: "what the client wrote itself stands further left", proxies: ["10.0.0.1"],
            connection: "10.0.0.1", forwarded: ["198.51.100.9, 203.0.113.7"], client: "203.0.113.7"),
        Case(
            promise: "a chain of trusted proxies", proxies: ["10.0.0.1", "10.0.0.2"], connection: "10.0.0.1",
            forwarded: ["198.51.100.9, 203.0.113.7, 10.0.0.2"], client: "203.0.113.7"),
        Case(
            promise: "several headers are one list", proxies: ["10.0.0.1", "10.0.0.2"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7", "10.0.0.2"], client: "203.0.113.7"),
        Case(
            promise: "all are proxies", proxies: ["10.0.0.1", "10.0.0.2"], connection: "10.0.0.1",
            forwarded: ["10.0.0.2"], client: "10.0.0.2"),
        Case(
            promise: "a proxy that says nothing", proxies: ["10.0.0.1"], connection: "10.0.0.1", forwarded: [],
            client: "10.0.0.1"),
        Case(
            promise: "what is no address is not believed", proxies: ["10.0.0.1"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7, unknown"], client: "10.0.0.1"),
        Case(
            promise: "an empty entry is none", proxies: ["10.0.0.1"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7,"], client: "203.0.113.7"),
        Case(
            promise: "spaces", proxies: ["10.0.0.1"], connection: "10.0.0.1", forwarded: ["  203.0.113.7  "],
            client: "203.0.113.7"),
        Case(
            promise: "IPv6", proxies: ["::1"], connection: "::1", forwarded: ["2001:db8::7"], client: "2001:db8::7"),
        Case(promise: "no address at all", proxies: [], connection: nil, forwarded: ["203.0.113.7"], client: nil),
    ])
    func `the client is the nearest address that no trusted proxy vouches behind`(row: Case) throws {
        var headers = HTTPFields()
        for value in row.forwarded { headers.append(HTTPField(name: .forwardedFor, value: value)) }
        let connection = try row.connection.map { try SocketAddress(ipAddress: $0, port: 1_234) }
        let client = ClientAddress(trustedProxies: row.proxies).client(connection: connection, headers: headers)
        #expect(client == row.client, "\(row.promise)")
    }

    @Test(arguments: [
        ("203.0.113.7", true), ("2001:db8::7", true), ("::ffff:203.0.113.7", true), ("", false), ("localhost", false),
        ("203.0.113.256", false), ("203.0.113", false), ("203.0.113.7:80", false), ("[::1]", false),
        ("203.0.113.7 ", false), ("203.0.113.7\u{0}", false), (String(repeating: "1", count: 46), false),
    ])
    func `an address is IPv4 or IPv6, and nothing around it`(text: String, isOne: Bool) {
        #expect(ClientAddress.isAddress(text) == isOne)
    }
}
