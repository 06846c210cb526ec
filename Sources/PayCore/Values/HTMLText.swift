extension String {
    /// Escaped for HTML content and quoted attributes, scalar by scalar.
    ///
    /// A browser reads scalars. Swift joins a quote with the combining mark after it, and `<` with the format character
    /// before it (U+0600), into one `Character`. An escape by characters would miss both.
    package var escapedForHTML: String {
        var escaped = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
