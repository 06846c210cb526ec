import Foundation
import PayAPI
import PayCache
import PayCore
import PayFlow
import ServiceTestSupport

/// A page in a response, with the remaining times that the response states.
struct ShownPage {
    let isRepay: Bool
    let content: String
    /// The page's own `ETag`; nil in the response to a repay.
    let tag: String?
    let channel: String?
    let expiresAt: String?
    /// The remaining lifetime in whole seconds, at each place of the response.
    let pageLeft: [Int64]
    let orderLeft: Int64?

    /// Nil unless the response has a live page.
    init?(_ answer: Answer, isRepay: Bool) {
        guard answer.status == 200 else { return nil }
        self.isRepay = isRepay
        // The `Cache-Status` of a new page has no ttl.
        let ttl = answer.cacheStatus?.components(separatedBy: "ttl=").dropFirst().first.flatMap { Int64($0) }
        guard isRepay else {
            (content, tag) = (answer.text, answer.header("ETag"))
            (channel, expiresAt, orderLeft) = (nil, nil, nil)
            guard let ttl else { return nil }
            pageLeft = [ttl]
            return
        }
        let (json, page) = (answer.json, answer.page)
        guard let content = page["content"].string, json["state"] == "new",
            case (.integer(let pageLeft), .integer(let orderLeft)) = (page["expires_in"], json["expires_in"])
        else { return nil }
        (self.content, tag) = (content, nil)
        (channel, expiresAt) = (page["channel"].string, page["expires_at"].string)
        (self.pageLeft, self.orderLeft) = ([pageLeft] + (ttl.map { [$0] } ?? []), orderLeft)
    }

    /// Whether the response shows that page with a remaining time that fits one of the times.
    func shows(_ served: ServedPage, _ times: ClosedRange<Instant>) -> Bool {
        let page = served.page
        guard content == page.content, pageLeft.allSatisfy({ Self.isLeft($0, to: page.expiresAt, times) }) else {
            return false
        }
        if isRepay { return channel == served.channel.name && expiresAt == Timestamp(page.expiresAt).text }
        return tag == PageTag(of: served, form: page.kind == .html ? "text/html" : "text/plain").text
    }

    func tells(timeLeftTo deadline: Instant, _ times: ClosedRange<Instant>) -> Bool {
        orderLeft.map { Self.isLeft($0, to: deadline, times) } ?? true
    }

    private static func isLeft(_ seconds: Int64, to end: Instant, _ times: ClosedRange<Instant>) -> Bool {
        ((end - times.upperBound).wholeSeconds...(end - times.lowerBound).wholeSeconds).contains(seconds)
    }
}
