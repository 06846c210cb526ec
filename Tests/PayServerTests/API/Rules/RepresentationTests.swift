import PayCore
import Testing

@testable import PayServer

@Suite struct RepresentationTests {
    @Test(
        arguments: [
            ([], .html), ([""], .html), (["*/*"], .html), (["text/html"], .html), (["text/plain"], .text),
            (["application/json"], .json), (["text/*"], .html), (["application/*"], .json),
            (["TEXT/PLAIN"], .text), (["image/png"], nil), (["text/html;q=0"], nil), (["*/*;q=0"], nil),
            (["image/png, text/plain"], .text), (["text/plain", "application/json;q=0.5"], .text),
            (["application/json;q=0.9, text/html;q=0.8"], .json), (["text/html;q=0.8, application/json;q=0.8"], .html),
            (["text/html;q=0, */*;q=0.1"], .text), (["text/*;q=0.3, text/html;q=0.1, application/json;q=0.2"], .text),
            (["application/json;q=0.001"], .json), (["text/html;level=1"], .html),
            (["text/html;level=1;q=0.5, text/plain"], .text),
            (["application/json ; q=1.0 , text/html ; q=0.5"], .json), (["text/html;Q=0.1, text/plain;q=0.2"], .text),
            (["text/html;q=2, text/plain;q=1"], .html),
            (["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], .html),
            (["nonsense"], .html), (["text/html;q=x"], .html), ([", ,text/plain,"], .text),
        ] as [([String], Representation?)])
    func `a form is chosen by its quality, the most specific range deciding`(
        accept: [String], expected: Representation?
    ) {
        #expect(Representation.best(of: [.html, .text, .json], accept: accept) == expected)
    }

    @Test func `what is offered first wins where all are liked alike`() {
        #expect(Representation.best(of: [.text, .json], accept: ["*/*"]) == .text)
        #expect(Representation.best(of: [.json, .text], accept: ["*/*"]) == .json)
        #expect(Representation.best(of: [.text, .json], accept: ["text/html"]) == nil)
    }

    @Test func `only an HTML page can be had as HTML`() {
        #expect(Representation.of(.html) == [.html, .text, .json])
        for kind in [PageKind.qr, .redirect, .sdk] { #expect(Representation.of(kind) == [.text, .json]) }
    }
}
