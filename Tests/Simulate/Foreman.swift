import ArgumentParser
import Foundation
import Simulator
import Synchronization

/// Runs workers beside each other, each a process with its own share of the seeds, and tells what they saw.
final class Foreman: Sendable {
    private struct Progress {
        var tally = Tally()
        var failures: [(seed: UInt64, text: String)] = []
        var lastTold = Date()
        /// The seed that each worker is at.
        var seeds: [Int: UInt64] = [:]
    }

    private let first: UInt64
    private let workers: Int
    private let orders: Int
    private let keepsGoing: Bool
    private let database: Simulation.Database
    private let progress = Mutex(Progress())
    private let over = DispatchSemaphore(value: 0)
    private let begin = Date()

    init(first: UInt64, workers: Int, orders: Int, keepsGoing: Bool, database: Simulation.Database) {
        self.first = first
        self.workers = max(1, workers)
        self.orders = orders
        self.keepsGoing = keepsGoing
        self.database = database
    }

    func run() throws {
        tell("simulating \(orders) orders from seed \(first) on \(workers) workers")
        var processes: [Process] = []
        for index in 0..<workers { processes.append(try start(index)) }
        var isStopped = false
        for _ in 0..<workers {
            over.wait()
            guard !keepsGoing, !isStopped, progress.withLock({ !$0.failures.isEmpty }) else { continue }
            isStopped = true
            for process in processes where process.isRunning { process.terminate() }
        }
        for process in processes {
            process.waitUntilExit()
            // A worker that was ended has left its database behind.
            if process.terminationReason == .uncaughtSignal {
                try? Simulation.cleanUp(after: process.processIdentifier, on: database)
            }
        }
        let broken = processes.indices.filter { index in
            let wasStopped = isStopped && processes[index].terminationReason == .uncaughtSignal
            return processes[index].terminationStatus != 0 && !wasStopped
        }
        try tellAll(broken: broken)
    }

    private func start(_ index: Int) throws -> Process {
        let process = Process()
        let ourselves = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        let isOnePerCore = workers == ProcessInfo.processInfo.activeProcessorCount
        let words =
            (isOnePerCore ? Surroundings.staying(on: index) : [])
            + [ourselves, "--from", "\(first + UInt64(index))", "--stride", "\(workers)"]
            + ["--orders", "\(orders / workers)"] + (keepsGoing ? ["--keep-going"] : [])
            + database.words
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = database.environment
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let reading = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            var rest = Data()
            while true {
                let data = reading.availableData
                guard !data.isEmpty else { break }
                rest += data
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    hear(String(decoding: rest[rest.startIndex..<end], as: UTF8.self), from: index)
                    rest = Data(rest[(end + 1)...])
                }
            }
            over.signal()
        }
        return process
    }

    private func hear(_ line: String, from worker: Int) {
        let words = line.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return }
        progress.withLock { progress in
            switch words[0] {
            case "seed":
                progress.seeds[worker] = UInt64(words[1])
            case "tally":
                if let tally = Tally(line: words[1]) { progress.tally += tally }
            case "failed":
                let told = words[1].split(separator: " ", maxSplits: 1)
                guard let seed = UInt64(told[0]) else { return }
                progress.failures.append((seed, String(told.last ?? "")))
                tell("seed \(seed) FAILED: \(told.last ?? "")")
            default:
                tell(line)
            }
            guard Date().timeIntervalSince(progress.lastTold) > 5 else { return }
            progress.lastTold = Date()
            tell("\(progress.tally[.orders]) orders, \(Int(Date().timeIntervalSince(begin))) s")
        }
    }

    private func replay(_ seed: UInt64) -> String {
        (["script/simulate"] + database.words + ["--seed \(seed)"]).joined(separator: " ")
    }

    private func tellAll(broken: [Int]) throws {
        try progress.withLock { progress in
            for item in Tally.Item.allCases {
                let count = String(progress.tally[item])
                tell(String(repeating: " ", count: max(0, 12 - count.count)) + "\(count)  \(item.rawValue)")
            }
            tell("\(progress.tally[.orders]) orders in \(Int(Date().timeIntervalSince(begin))) s from seed \(first)")
            for worker in broken { tell("a worker broke at seed \(progress.seeds[worker] ?? 0)") }
            if let failure = progress.failures.min(by: { $0.seed < $1.seed }) {
                tell("first failing seed: \(failure.seed) (\(replay(failure.seed))): \(failure.text)")
            }
            if !broken.isEmpty || !progress.failures.isEmpty { throw ExitCode.failure }
        }
    }
}

/// At once, which `print` into a pipe or a file is not.
func tell(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
