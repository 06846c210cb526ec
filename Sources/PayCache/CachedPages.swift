import PayCore
import PayFlow

/// The cached pages of one order, all with the same mark.
struct CachedPages {
    private struct Answer {
        let variant: PageVariant
        let page: ReadyPage
    }

    let mark: PageMark
    var wasAskedFor = false
    /// At least one.
    private var answers: [Answer]

    /// An order has one or two pages, but callers can name them by many payers.
    static let mostAnswers = 16
    /// In bytes: an answer in the list.
    private static let weightOfAnswer = 64
    /// In bytes: the list itself, and the order's place in the shard.
    private static let weightOfList = 48

    init(_ page: ReadyPage, _ variant: PageVariant, _ mark: PageMark) {
        self.mark = mark
        answers = [Answer(variant: variant, page: page)]
    }

    var number: OrderNumber { answers[0].page.number }

    func page(_ variant: PageVariant) -> ReadyPage? {
        answers.first { $0.variant == variant }?.page
    }

    /// A page that answers several variants is kept once. The oldest answer is evicted when there are too many.
    mutating func put(_ newPage: ReadyPage, _ variant: PageVariant) {
        let page = answers.first { $0.page.isSame(as: newPage) }?.page ?? newPage
        answers.removeAll { $0.variant == variant }
        if answers.count == Self.mostAnswers { answers.removeFirst() }
        answers.append(Answer(variant: variant, page: page))
    }

    var weight: Int {
        var weight = Self.weightOfList
        for (index, answer) in answers.enumerated() {
            weight += Self.weightOfAnswer + (answer.variant.openID?.utf8.count ?? 0)
            if !answers[..<index].contains(where: { $0.page === answer.page }) { weight += answer.page.weight }
        }
        return weight
    }
}
