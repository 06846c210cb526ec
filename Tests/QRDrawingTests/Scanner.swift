import Foundation

/// An independent scanner: Debian's zbarimg, which `script/bootstrap` installs.
enum Scanner {
    /// The exact bytes of the one code in a picture (PNG or PGM).
    static func read(_ picture: [UInt8], _ ending: String) async throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).\(ending)")
        try Data(picture).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let zbarimg = Process()
        let output = Pipe()
        zbarimg.executableURL = URL(filePath: "/usr/bin/zbarimg")
        zbarimg.arguments = [
            "--quiet", "--raw", "--oneshot", "--nodbus", "-Sdisable", "-Sqrcode.enable", "-Sbinary", file.path,
        ]
        zbarimg.standardOutput = output
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            zbarimg.terminationHandler = { _ in ended.resume() }
            do { try zbarimg.run() } catch { ended.resume(throwing: error) }
        }
        // The longest code fits the buffer of a pipe.
        return Array(output.fileHandleForReading.readDataToEndOfFile())
    }
}

/// A picture as gray pixels.
struct Raster: Equatable {
    let side: Int
    var pixels: [UInt8]

    init(side: Int) {
        self.side = side
        pixels = Array(repeating: 0xFF, count: side * side)
    }

    mutating func darken(columns: Range<Int>, rows: Range<Int>) {
        for row in rows {
            for column in columns { pixels[row * side + column] = 0 }
        }
    }

    /// As a portable graymap, the simplest format that scanners read.
    var graymap: [UInt8] { Array("P5\n\(side) \(side)\n255\n".utf8) + pixels }
}
