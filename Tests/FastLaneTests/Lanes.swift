import Dispatch
import FrontDoor
import NIOCore
import PayCore
import PayProviders
import ServiceTestSupport
import Synchronization

@testable import FastLane

/// A call that both lanes can answer: a read of an order's page, or a repay.
struct LaneCall {
    let isRepay: Bool
    private let path: String
    private let body: String?
    private let fast: FastRequest
    private let fastBody: ByteBuffer?

    /// - Parameters:
    ///   - query: the query with its `?`, for a page.
    ///   - body: the body of a repay.
    init(_ number: OrderNumber, query: String = "", repay body: String? = nil) {
        isRepay = body != nil
        path = "/v1/payments/\(number)/\(isRepay ? "repay" : "page")\(query)"
        self.body = body
        // The id is always the same, so that the same page at the same time gives the same bytes.
        let text = KeptConnection.request("\(isRepay ? "POST" : "GET") \(path) HTTP/1.1", id: "read", body: body)
        guard case .whole(let head) = WireHead.read(ByteBuffer(string: text)),
            let fast = FastRequest(head, in: ByteBuffer(string: text))
        else {
            preconditionFailure("the fast lane takes such a call")
        }
        self.fast = fast
        fastBody = body.map { ByteBuffer(string: $0) }
    }
}

extension LaneCall {
    /// The answer of the fast lane, which may have to wait for a proof. Nil if the request passes to the routes. Blocks.
    func ask(_ lane: FastLane) -> [UInt8]? {
        switch lane.answer(fast, fastBody, since: .now) {
        case .answer(let bytes): return Array(buffer: bytes)
        case .pass, .wait: return nil
        case .later(let later):
            let mayAnswer = Atomic(false)
            let told = DispatchSemaphore(value: 0)
            later.ask { may in
                mayAnswer.store(may, ordering: .releasing)
                told.signal()
            }
            told.wait()
            return mayAnswer.load(ordering: .acquiring) ? later.answer().map { Array(buffer: $0) } : nil
        }
    }

    /// The answer of the routes.
    func askRoutes(_ client: Client) async throws -> Answer {
        try await client.send(
            isRepay ? .post : .get, path, body, headers: [Client.leftToRoutes.name: Client.leftToRoutes.value])
    }
}
