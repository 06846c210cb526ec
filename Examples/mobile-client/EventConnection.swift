import Foundation
import FoundationNetworking
import Synchronization

/// One connection that receives an event stream.
final class EventConnection: NSObject, URLSessionDataDelegate {
    private let items: AsyncThrowingStream<EventReader.Item, any Error>.Continuation
    private let reader = Mutex(EventReader())

    private init(_ items: AsyncThrowingStream<EventReader.Item, any Error>.Continuation) {
        self.items = items
    }

    /// The items until the server closes the connection. It is closed from here when the reader stops.
    static func open(_ request: URLRequest) -> AsyncThrowingStream<EventReader.Item, any Error> {
        let (stream, items) = AsyncThrowingStream.makeStream(of: EventReader.Item.self)
        let session = URLSession(
            configuration: .ephemeral, delegate: EventConnection(items), delegateQueue: nil)
        items.onTermination = { _ in session.invalidateAndCancel() }
        session.dataTask(with: request).resume()
        return stream
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let isStream = response.mimeType == "text/event-stream"
        guard isStream, (response as? HTTPURLResponse)?.statusCode == 200 else {
            items.finish(throwing: URLError(.badServerResponse))
            return completionHandler(.cancel)
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        do {
            for item in try reader.withLock({ try $0.read(data) }) { items.yield(item) }
        } catch {
            items.finish(throwing: error)
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        items.finish(throwing: error)
    }
}
