import PayCore

extension SettingRules {
    static func host(_ text: String) throws(Complaint) -> String {
        guard let host = WebHost(text) else {
            let remedy = "write only the name or the address, without scheme, port, path or brackets"
            throw Complaint("is not a host name or an IP address", remedy: remedy)
        }
        return "\(host)"
    }

    static func addressRange(_ text: String) throws(Complaint) -> AddressRange {
        guard let range = AddressRange(text) else {
            let remedy = "write addresses or CIDR ranges (10.0.0.7, 10.0.0.0/8, 2001:db8::/32), without names and ports"
            throw Complaint("is not an IP address or a CIDR range", remedy: remedy)
        }
        return range
    }
}
