/// Detects commits of other processes.
public protocol ForeignCommits: Sendable {
    /// The number of the current era. It changes with any commit of another process. Nil if that can't be known at this
    /// instant, because a commit is being published or another process has just written. Cached pages must not be used
    /// then.
    func era() -> UInt32?
}
