/// The version of this program: `paypage --version` prints it, and the log has it at the start.
enum Version {
    static let current = "0.1.0"
}
