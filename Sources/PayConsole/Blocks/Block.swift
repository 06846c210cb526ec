import PayAPI
import PayCore

/// A page that is made of blocks: headings, facts, tables, lists of actions, forms.
///
/// Members of nested parts have distinct names: the template looks up a name from the inside out and skips nil values.
struct BlocksView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.blocks_mustache)

    let heading: String
    var headingBadge: Badge?
    /// The way up.
    var crumbs: [Crumb] = []
    /// Why a submitted form was refused.
    var problem: String?
    var blocks: [Block]
}

struct Crumb: Sendable {
    let crumbText: String
    let crumbHref: String
}

/// A word with a colour that repeats its meaning.
struct Badge: Sendable {
    let badgeText: String
    let badgeTone: String

    init(_ text: String, _ tone: Tone) {
        badgeText = text
        badgeTone = tone.rawValue
    }
}

/// The meaning of a state for an operator.
enum Tone: String, Sendable {
    /// As it should be.
    case good
    /// Not over, or of no interest.
    case calm
    /// It may need a person.
    case warn
    /// It needs a person, or money did not arrive where it should.
    case bad
}

/// A section of a page. Its parts are shown in the order of the members.
struct Block: Sendable {
    /// The same in every rendering of the page, so that a script can replace the section.
    let blockID: String
    let blockTitle: String
    var lead: String?
    var facts: Facts?
    var table: Table?
    var timeline: Timeline?
    var actionList: ActionList?
    var forms: [FormBlock] = []
    /// The sentence for an empty section.
    var empty: String?
    var isAllWell = false
    var links: [BlockLink] = []

    init(_ id: String, _ title: String) {
        blockID = id
        blockTitle = title
    }
}

struct BlockLink: Sendable {
    let linkText: String
    let linkHref: String
}

/// Names and values.
struct Facts: Sendable {
    let factList: [Fact]

    init(_ facts: [Fact?]) {
        factList = facts.compactMap { $0 }
    }
}

struct Fact: Sendable {
    let factName: String
    let factValue: Value

    init(_ name: String, _ value: Value) {
        factName = name
        factValue = value
    }

    /// Nil, and not shown, without a value.
    init?(_ name: String, _ value: Value?) {
        guard let value else { return nil }
        self.init(name, value)
    }
}

/// A text on a page, which is escaped, and its appearance.
struct Value: Sendable {
    let text: String
    var href: String?
    var tone: String?
    /// The instant for `datetime`, if the text is a time.
    var instant: String?
    /// A smaller text below.
    var note: String?
    var isNumber = false

    init(_ text: String) {
        self.text = text
    }

    static func badge(_ text: String, _ tone: Tone) -> Value {
        var value = Value(text)
        value.tone = tone.rawValue
        return value
    }

    static func time(_ instant: Instant, note: String? = nil) -> Value {
        let time = UTCTime(instant)
        var value = Value(time.seconds)
        value.instant = time.description
        value.note = note
        return value
    }

    static func money(_ money: Money) -> Value { .money(MoneyText.text(money)) }

    /// Money in a currency that need not exist.
    static func money(_ amount: Int64, _ currencyCode: String) -> Value { .money(MoneyText.text(amount, currencyCode)) }

    private static func money(_ text: String) -> Value {
        var value = Value(text)
        value.isNumber = true
        return value
    }

    static func number(_ number: Int) -> Value { .money("\(number)") }

    static let none = Value("–")

    func linked(to href: String?) -> Value {
        var value = self
        value.href = href
        return value
    }

    func noted(_ note: String?) -> Value {
        var value = self
        value.note = note
        return value
    }
}

struct Table: Sendable {
    let caption: String
    let columns: [Column]
    let rows: [Row]

    struct Column: Sendable {
        let columnName: String
        let isNumeric: Bool
    }

    struct Row: Sendable {
        let cells: [Cell]
    }

    struct Cell: Sendable {
        /// The name of the column, for narrow screens.
        let label: String
        let cell: Value
        let isNumeric: Bool
    }

    /// - Parameter rows: as many values each as there are columns.
    init(_ caption: String, _ names: [String], _ rows: [[Value]]) {
        self.caption = caption
        let numeric = Set(names.indices.filter { index in rows.contains { $0[index].isNumber } })
        columns = names.enumerated().map { Column(columnName: $1, isNumeric: numeric.contains($0)) }
        self.rows = rows.map { row in
            Row(cells: row.enumerated().map { Cell(label: names[$0], cell: $1, isNumeric: numeric.contains($0)) })
        }
    }
}

/// Events, the oldest first, by day.
struct Timeline: Sendable {
    let days: [Day]

    struct Day: Sendable {
        let day: String
        let entries: [Entry]
    }

    struct Entry: Sendable {
        let at: String
        let clock: String
        let what: String
        let detail: String
        let isOfPerson: Bool
    }
}

/// The actions on a thing. An impossible one has the reason.
struct ActionList: Sendable {
    let actions: [Action]

    struct Action: Sendable {
        let actionName: String
        /// The page of the action; nil if the action is not possible.
        let actionHref: String?
        /// Why it is not possible, or what it does.
        let why: String?
    }
}
