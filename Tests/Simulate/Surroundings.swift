import ArgumentParser
import Foundation

/// The environment that the program needs. The program starts itself again with it.
enum Surroundings {
    private static let variables = [
        // Swift orders sets and dictionaries anew in each process. A world must not hang on such an order, nor may the
        // code under test; this keeps one that does from being lost on replay.
        "SWIFT_DETERMINISTIC_HASHING": "1",
        // The allocator gives memory back to the system and asks for it again, for each of many small databases: a
        // quarter of the time.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_TOP_PAD_": "67108864",
        "MALLOC_TRIM_THRESHOLD_": "268435456",
    ]

    static func ensure() throws {
        guard variables.contains(where: { getenv($0.key) == nil }) else { return }
        for (name, value) in variables { setenv(name, value, 1) }
        var words = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &words)
        throw ValidationError("this program can't start itself again: \(String(cString: strerror(errno)))")
    }

    /// The command by which a worker stays on one core: the world's thread and the database's wait for each other all
    /// the time, and wake each other sooner so. Empty where that is not to be had: then it is only slower.
    static func staying(on core: Int) -> [String] {
        let taskset = "/usr/bin/taskset"
        return FileManager.default.isExecutableFile(atPath: taskset) ? [taskset, "-c", "\(core)"] : []
    }
}
