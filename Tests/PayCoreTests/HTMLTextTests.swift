import PayCore
import Testing

@Suite struct HTMLTextTests {
    @Test(arguments: [
        ("", ""), ("Tea for two 茶", "Tea for two 茶"),
        (#"<a href="x" title='y'>&amp;"#, "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;"),
        ("\u{600}<script>", "\u{600}&lt;script&gt;"), ("\"\u{301}", "&quot;\u{301}"), ("<\u{338}b", "&lt;\u{338}b"),
        ("'\u{FE0F}", "&#39;\u{FE0F}"), ("\u{200D}<\u{200D}", "\u{200D}&lt;\u{200D}"),
    ])
    func `text is escaped for HTML scalar by scalar`(_ text: String, _ escaped: String) {
        #expect(Array(text.escapedForHTML.unicodeScalars) == Array(escaped.unicodeScalars))
    }

    /// Every scalar that Swift joins with a neighbour, before and after each character that has a meaning in HTML.
    @Test func `no scalar beside it hides a character from the escape for HTML`() {
        let scalars = (UInt32(0x80)...0x2_FFFF).lazy.compactMap(Unicode.Scalar.init)
        let joined = scalars.filter { "\($0)<".count == 1 || "<\($0)".count == 1 }
        #expect(joined.contains("\u{600}") && joined.contains("\u{301}"))
        for scalar in joined {
            for mark in "<>\"'" {
                #expect(!"\(scalar)\(mark)\(scalar)".escapedForHTML.unicodeScalars.contains(mark.unicodeScalars.first!))
            }
        }
    }
}
