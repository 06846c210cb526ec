import PayCore
import Testing

@testable import PayAccess

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
        Case(
            promise: "a port is cut off", proxies: ["10.0.0.1"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7:54321"], client: "203.0.113.7"),
        Case(
            promise: "brackets and a port are cut off", proxies: ["10.0.0.1"], connection: "10.0.0.1",
            forwarded: ["[2001:DB8:0::7]:443"], client: "2001:db8::7"),
        Case(
            promise: "brackets alone are cut off", proxies: ["10.0.0.1"], connection: "10.0.0.1",
            forwarded: ["[2001:db8::7]"], client: "2001:db8::7"),
        Case(
            promise: "a trusted hop with a port is trusted", proxies: ["10.0.0.0/8"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7:1, 10.9.9.9:2"], client: "203.0.113.7"),
        Case(
            promise: "a range is trusted, and its neighbour is not", proxies: ["10.0.0.0/30"], connection: "10.0.0.3",
            forwarded: ["203.0.113.7, 10.0.0.4, 10.0.0.2"], client: "10.0.0.4"),
        Case(
            promise: "a range of IPv6", proxies: ["2001:db8:5::/48"], connection: "2001:db8:5:ffff::1",
            forwarded: ["203.0.113.7, 2001:db8:6::1"], client: "2001:db8:6::1"),
        Case(
            promise: "a mapped connection is IPv4", proxies: ["127.0.0.1"], connection: "::ffff:127.0.0.1",
            forwarded: ["203.0.113.7"], client: "203.0.113.7"),
        Case(
            promise: "a mapped hop is IPv4", proxies: ["10.0.0.0/8"], connection: "10.0.0.1",
            forwarded: ["::ffff:203.0.113.7, ::ffff:10.1.1.1"], client: "203.0.113.7"),
        Case(
            promise: "a mapped proxy in the settings is IPv4", proxies: ["::ffff:10.0.0.1"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7"], client: "203.0.113.7"),
        Case(
            promise: "all of IPv6 holds no IPv4", proxies: ["::/0"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7"], client: "10.0.0.1"),
        Case(
            promise: "all of both", proxies: ["::/0", "0.0.0.0/0"], connection: "10.0.0.1",
            forwarded: ["203.0.113.7, ::2"], client: "203.0.113.7"),
        Case(
            promise: "garbage to the left of the client is not read", proxies: ["10.0.0.1"], connection: "10.0.0.1",
            forwarded: ["'; drop table, 203.0.113.7"], client: "203.0.113.7"),
        Case(
            promise: "tabs", proxies: ["10.0.0.1"], connection: "10.0.0.1", forwarded: ["\t203.0.113.7\t"],
            client: "203.0.113.7"),
        Case(promise: "no address at all", proxies: [], connection: nil, forwarded: ["203.0.113.7"], client: nil),
    ])
    func `the client is the nearest address that is not a trusted proxy's`(row: Case) throws {
        let connection = row.connection.flatMap(NetworkAddress.init)
        let proxies = row.proxies.compactMap(AddressRange.init)
        #expect(proxies.count == row.proxies.count)
        let client = ClientAddress(trustedProxies: proxies).client(
            connection: connection, forwardedFor: row.forwarded)
        #expect(client?.description == row.client, "\(row.promise)")
    }

    @Test(arguments: [
        "unknown", "203.0.113.256", "203.0.113.7:", "203.0.113.7:x", "203.0.113.7:70000", "203.0.113.7:123456",
        "203.0.113.7:-1", "[203.0.113.7]:80", "[2001:db8::7", "[2001:db8::7]x", "[2001:db8::7]:", "[]", "[::1]]",
        "\"203.0.113.7\"", "203.0.113.7 8", "_hidden", "::1%eth0", "203.0.113.7/32", "1", "0x7f.1", "203.0.113.07",
    ])
    func `an entry of X-Forwarded-For that is not an address ends the search`(entry: String) throws {
        let address = ClientAddress(trustedProxies: [AddressRange("10.0.0.0/8")!])
        let client = address.client(
            connection: NetworkAddress("10.0.0.1"), forwardedFor: ["198.51.100.1, \(entry), 10.0.0.9"])
        #expect(client?.description == "10.0.0.9")
    }
}
