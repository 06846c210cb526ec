package import HTTPTypes

extension HTTPFields {
    /// The value of a field; values of several are joined. The same as the subscript, which builds a text even of one.
    package func text(_ name: HTTPField.Name) -> String? {
        let values = self[values: name]
        return values.count > 1 ? self[name] : values.first
    }
}
