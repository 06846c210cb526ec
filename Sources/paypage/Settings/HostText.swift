import Foundation
import PayAccess

/// Host names and addresses in the system's spelling, so that equal hosts are equal texts.
enum HostText {
    /// The address in the system's spelling; nil if the text is not an address. No brackets, no zone.
    static func address(_ text: String) -> String? {
        address(text, family: AF_INET, bytes: 4) ?? address(text, family: AF_INET6, bytes: 16)
    }

    /// An address, or a host name in small letters; nil if the text is neither.
    static func host(_ text: String) -> String? {
        if let address = address(text) { return address }
        let labels = text.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, labels.allSatisfy(isLabel) else { return nil }
        // `127.1` and `300.0.0.1` are not names.
        guard let last = labels.last, !last.utf8.allSatisfy(\.isDigit) else { return nil }
        return text.lowercased()
    }

    /// Whether the host is this machine: 127.0.0.0/8, ::1 or localhost.
    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (address(host)?.hasPrefix("127.") ?? false)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    private static func address(_ text: String, family: Int32, bytes: Int) -> String? {
        var address = [UInt8](repeating: 0, count: bytes)
        var spelling = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // A zero byte would end the text early for C.
        guard !text.utf8.contains(0), inet_pton(family, text, &address) == 1,
            inet_ntop(family, address, &spelling, socklen_t(spelling.count)) != nil
        else { return nil }
        return String(decoding: spelling.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension SettingRules {
    static func host(_ text: String) throws(Complaint) -> String {
        guard let host = HostText.host(text) else {
            let remedy = "write only the name or the address, without scheme, port, path or brackets"
            throw Complaint("is not a host name or an IP address", remedy: remedy)
        }
        return host
    }

    static func addressRange(_ text: String) throws(Complaint) -> AddressRange {
        guard let range = AddressRange(text) else {
            let remedy = "write addresses or CIDR ranges (10.0.0.7, 10.0.0.0/8, 2001:db8::/32), without names and ports"
            throw Complaint("is not an IP address or a CIDR range", remedy: remedy)
        }
        return range
    }
}
