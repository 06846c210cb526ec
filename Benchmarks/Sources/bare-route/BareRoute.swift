import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// A Hummingbird route without work, the baseline of `script/bench`.
///
/// `bare-route BODY HEAD` answers GET and POST on any path with the bytes of the file BODY. The file HEAD has the
/// header fields (`Name: value`, one per line). The server listens on a free port of loopback and prints the port.
@main
struct BareRoute {
    static func main() async throws {
        guard CommandLine.arguments.count == 3 else {
            FileHandle.standardError.write(Data("usage: bare-route BODY HEAD\n".utf8))
            exit(64)
        }
        let body = ByteBuffer(bytes: try Data(contentsOf: URL(filePath: CommandLine.arguments[1])))
        let head = fields(try String(contentsOf: URL(filePath: CommandLine.arguments[2]), encoding: .utf8))
        let router = Router()
        for method in [HTTPRequest.Method.get, .post] {
            router.on("**", method: method) { _, _ in
                Response(status: .ok, headers: head, body: ResponseBody(byteBuffer: body))
            }
        }
        var logger = Logger(label: "bare-route")
        logger.logLevel = .warning
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                print("bare-route at \(channel.localAddress?.port ?? 0)")
                fflush(nil)
            },
            logger: logger)
        try await application.runService()
    }

    private static func fields(_ text: String) -> HTTPFields {
        var fields = HTTPFields()
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let name = HTTPField.Name(String(parts[0])) else { continue }
            fields.append(HTTPField(name: name, value: parts[1].trimmingCharacters(in: .whitespaces)))
        }
        return fields
    }
}
