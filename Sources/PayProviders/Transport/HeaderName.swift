import PayCore

extension String {
    /// Whether both are the same name of a header. Case doesn't matter (RFC 9110, section 5.1).
    func isHeader(_ name: String) -> Bool {
        utf8.count == name.utf8.count && utf8.elementsEqual(name.utf8) { $0.lowercaseASCII == $1.lowercaseASCII }
    }
}

extension UInt8 {
    fileprivate var lowercaseASCII: UInt8 { isASCIIUppercase ? self | 0x20 : self }
}
