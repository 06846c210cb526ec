import PayCore
import Testing

@Suite struct BuyerLanguageTests {
    @Test(arguments: [
        ([], BuyerLanguage.english), (["zh-CN,zh;q=0.9,en;q=0.8"], .chinese), (["en-GB, zh;q=0.9"], .english),
        (["nl, zh-TW;q=0.5, en;q=0.4"], .traditionalChinese), (["nl"], .english), (["zh;q=0, en;q=0"], .english),
        (["it;q=1", "zh;q=0.2"], .chinese), ([";;,q=,zh;q=x"], .chinese), (["ZH"], .chinese), (["*"], .english),
        (["en;q=0.5,ja;q=0.9"], .japanese), (["ko-KR,ko;q=0.9"], .korean), (["de-AT"], .german), (["fr-CA"], .french),
        (["es-419,es;q=0.9"], .spanish), (["ar-EG,ar;q=0.9,en;q=0.1"], .arabic), (["de;q=0.1,es;q=0.2"], .spanish),
        (["fr;q=0, de;q=0.1"], .german),
    ])
    func `the browser's preferred language is used if the pages have it`(headers: [String], language: BuyerLanguage) {
        #expect(BuyerLanguage.preferred(by: headers) == language)
    }

    @Test(arguments: [
        ("zh", BuyerLanguage.chinese), ("zh-CN", .chinese), ("zh-SG", .chinese), ("zh-Hans", .chinese),
        ("zh-Hans-HK", .chinese), ("zh-TW", .traditionalChinese), ("zh-HK", .traditionalChinese),
        ("zh-MO", .traditionalChinese), ("zh-Hant", .traditionalChinese), ("zh-Hant-CN", .traditionalChinese),
    ])
    func `the script of Chinese is chosen by the tag's script, then by its region`(
        tag: String, language: BuyerLanguage
    ) {
        #expect(BuyerLanguage(tag: tag) == language)
    }

    @Test(arguments: ["", "-", "tlh", "english", "e", "zhx-TW", "-de", "*"])
    func `a tag of another language names none`(tag: String) {
        #expect(BuyerLanguage(tag: tag) == nil)
    }

    @Test(arguments: BuyerLanguage.allCases) func `each language is named by its own tag`(language: BuyerLanguage) {
        #expect(BuyerLanguage(tag: language.rawValue) == language)
        #expect(language.direction == (language.rawValue == "ar" ? "rtl" : "ltr"))
    }
}
