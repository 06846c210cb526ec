#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The state of a process, as Linux tells it in /proc.
package struct ProcessReading: Hashable, Sendable {
    package var cpuSeconds: Double
    package var residentBytes: Int
    package var virtualBytes: Int
    /// Since 1970.
    package var startSeconds: Double
    package var openFiles = 0
    package var mostFiles = 0
    package var threads: Int

    /// Reads `/proc/self/stat` and `/proc/stat`. Nil for a text of another form.
    ///
    /// - Parameters:
    ///   - ticks: the kernel's clock ticks in a second.
    ///   - page: the size of a memory page, in bytes.
    package init?(stat: String, systemStat: String, ticks: Int, page: Int) {
        // The second field is the name of the program, in parentheses. It may contain spaces and parentheses.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        // Field 3 of the manual page proc(5) has index 0 here.
        let fields = stat[stat.index(after: end)...].split(separator: " ").map { Int($0) }
        func field(_ number: Int) -> Int? { fields.indices.contains(number - 3) ? fields[number - 3] : nil }
        guard let user = field(14), let system = field(15), let threads = field(20), let begin = field(22),
            let virtual = field(23), let resident = field(24), ticks > 0
        else { return nil }
        let boot = systemStat.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard let booted = boot.flatMap({ Int($0.dropFirst("btime ".count)) }) else { return nil }
        cpuSeconds = Double(user + system) / Double(ticks)
        residentBytes = resident * page
        virtualBytes = virtual
        startSeconds = Double(booted) + Double(begin) / Double(ticks)
        self.threads = threads
    }
}

extension ProcessReading {
    /// The state of this process. Nil on a system without /proc.
    @Sendable package static func current() -> ProcessReading? {
        guard let stat = text(of: "/proc/self/stat"), let systemStat = text(of: "/proc/stat"),
            var reading = ProcessReading(
                stat: stat, systemStat: systemStat, ticks: sysconf(Int32(_SC_CLK_TCK)),
                page: sysconf(Int32(_SC_PAGESIZE)))
        else { return nil }
        reading.openFiles = openFiles()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            reading.mostFiles = Int(clamping: limit.rlim_cur)
        }
        return reading
    }

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func openFiles() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            // Not the entries `.` and `..`.
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // Without the descriptor of the folder itself.
        return max(0, count - 1)
    }
}
