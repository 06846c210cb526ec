import Synchronization
import Testing

@testable import PayProviders

/// Downloads into a file over real HTTP.
@Suite(.timeLimit(.minutes(1))) struct FileDownloaderTests {
    private let downloads = FileDownloader(folder: "/tmp", connectTimeout: .seconds(50))

    @Test func `a download is in the file, and not in the reply`() async throws {
        let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let server = LoopbackServer { $0.answerAll(content) }
        let file = try downloads.newFile()
        let reply = try await downloads.download(.get(server.url), into: file)
        #expect(reply.status == 200)
        #expect(reply.body == [])
        #expect(try file.read(from: 0, most: 400_000) == content)
    }

    @Test func `a download larger than a pay call's answer is not limited by it`() async throws {
        let content = [UInt8](repeating: 7, count: CurlTransport.Limits().answerBytes + 1)
        let server = LoopbackServer { $0.answerAll(content) }
        let file = try downloads.newFile()
        _ = try await downloads.download(.get(server.url), into: file)
        #expect(file.count == content.count)
    }

    @Test func `a download is not redirected`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno")
        }
        let file = try downloads.newFile()
        let reply = try await downloads.download(.get(server.url), into: file)
        #expect(reply.status == 302)
        #expect(try file.read(from: 0, most: 10) == Array("no".utf8))
    }

    @Test func `a download that breaks off is an error`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        }
        let file = try downloads.newFile()
        await #expect(throws: TransportError(.mayHaveArrived, .connectionBroken)) {
            try await downloads.download(.get(server.url), into: file)
        }
    }

    @Test func `a body that its sink refuses ends the transfer`() async throws {
        let server = LoopbackServer { $0.answerAll([UInt8](repeating: 7, count: 100_000)) }
        let pieces = Mutex(0)
        let error = await withTransport { transport in
            do throws(TransportError) {
                _ = try await transport.send(.get(server.url)) { _ in
                    pieces.withLock { $0 += 1 }
                    return false
                }
                return TransportError?.none
            } catch {
                return error
            }
        }
        #expect(error?.reach == .mayHaveArrived)
        #expect(pieces.withLock { $0 } == 1)
    }

    @Test func `a transfer that is too slow is aborted by its own limit`() async {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            connection.waitForHangUp()
        }
        let limits = CurlTransport.Limits(
            connectTimeout: .seconds(50), totalTimeout: .seconds(50), leastBytesPerSecond: 1_000, slowSeconds: 1)
        let error = await withTransport(limits) { await $0.failure(.get(server.url)) }
        #expect(error == TransportError(.mayHaveArrived, .timedOut))
    }
}
