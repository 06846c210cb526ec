package import HTTPTypes

extension HTTPFields {
    /// The value of a field, or its values joined if there are several. It returns what the subscript returns, but copies
    /// no text if there is one value.
    package func text(_ name: HTTPField.Name) -> String? {
        let values = self[values: name]
        return values.count > 1 ? self[name] : values.first
    }
}
