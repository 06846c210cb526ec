/// The version of this program, for `paypage --version` and the log at the start.
enum Version {
    static let current = "0.1.0"
}
