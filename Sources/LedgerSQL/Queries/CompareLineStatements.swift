import PayCore
import PayFlow
import PayRecords

/// The comparison of bill lines with the books, in the transaction that stores the results.
struct CompareLineStatements {
    /// The most differences for rows of one bill that can't be read. A parser that understands nothing must not fill
    /// the list; the bill counts all of them.
    static let mostUnreadable = 100
    /// Differences about refunds that are judged again in one transaction, the oldest first. A shop has a few.
    private static let mostMissingRefunds = 500

    /// Seconds between two queries about an open difference.
    private static let queryEvery: Int64 = 86_400

    let channel: Channel
    let foreign: ForeignLines
    let now: Instant
    let db: any Connection

    private var questions: [QuestionedLine] = []
    private var opened: [OpenedDifference] = []
    private var lateness: [Int64: Lateness] = [:]
    /// Whether the channel has a bill that was not compared; nil before the first look.
    private var hasNewBill: Bool?
    /// The differences about unreadable rows of each bill.
    private var unreadable: [Int64: Int] = [:]

    init(channel: Channel, foreign: ForeignLines, now: Instant, db: any Connection) {
        self.channel = channel
        self.foreign = foreign
        self.now = now
        self.db = db
    }

    /// The standings that are compared again, in order. A line that gets a difference must not be met a second time.
    private static let order: [RowStanding] = [.difference, .waiting, .unreadable]

    mutating func compare(behind place: LinePlace?, limit: Int) throws -> ComparedLines {
        if place == nil { try closeRevoked() }
        var compared = 0
        var next: LinePlace?
        scan: for bill in try BillRows.loaded(of: channel, from: place?.bill ?? 0, db) {
            let goesOn = place.map { $0.bill == bill.id && $0.load == bill.load } ?? false
            let start = goesOn ? place.flatMap { Self.order.firstIndex(of: $0.standing) } ?? 0 : 0
            for standing in Self.order[start...] {
                if standing == .unreadable, bill.isCompared { continue }
                let row = goesOn && standing == place?.standing ? place?.row ?? 0 : 0
                let lines = try BillLineRows.load(of: bill, standing, behind: row, limit: limit - compared, db)
                for line in lines { try compare(line, of: bill) }
                compared += lines.count
                if compared >= limit {
                    next = lines.last?.place
                    break scan
                }
            }
        }
        return ComparedLines(compared: compared, questions: questions, opened: opened, next: next)
    }

    mutating func compare(_ places: [LinePlace], after progress: QuestionProgress) throws -> [OpenedDifference] {
        for place in places {
            // The bill may have been loaded again, or the line compared, since the question.
            guard let bill = try BillRows.loaded(place.bill, db), bill.load == place.load,
                let found = try BillLineRows.load(at: place, db), let line = found.line,
                found.place.standing == .waiting || found.place.standing == .difference
            else { continue }
            try store(try verdict(on: line, of: bill, progress), line, at: found.place)
        }
        return opened
    }

    private mutating func compare(_ found: BillLineRows.Found, of bill: BillRows.Loaded) throws {
        guard let line = found.line else { return try tellUnreadable(found.place, of: bill) }
        var progress = QuestionProgress.notAsked
        if found.place.standing == .difference {
            // Without a difference: a person closed it, or another row has its subject now.
            let shown = try DifferenceRows.shown(at: found.place, db)
            progress = try shown.map { try isQueried($0) ? .notAsked : .answered } ?? .answered
        }
        try store(try verdict(on: line, of: bill, progress), line, at: found.place)
    }

    /// An open difference is queried about once a day, and whenever a new bill is compared.
    private mutating func isQueried(_ shown: DifferenceRows.Shown) throws -> Bool {
        guard shown.state == .open else { return false }
        let hasNews = try hasNewBill ?? !BillRows.uncompared(of: channel, db).isEmpty
        hasNewBill = hasNews
        let age = max(.zero, now - shown.openedAt).wholeSeconds
        return hasNews || age % Self.queryEvery < BillSchedule.pause.wholeSeconds
    }

    private mutating func tellUnreadable(_ place: LinePlace, of bill: BillRows.Loaded) throws {
        let known = try unreadable[bill.id] ?? DifferenceRows.unreadableRows(of: bill, db)
        unreadable[bill.id] = known
        guard known < Self.mostUnreadable else { return }
        let finding = DifferenceFinding.unreadable(row: place.row, of: bill.day)
        guard let new = try DifferenceRows.open(finding, at: place, of: channel, at: now, db) else { return }
        opened.append(new)
        unreadable[bill.id] = known + 1
    }

    private mutating func verdict(
        on line: BillLine, of bill: BillRows.Loaded, _ progress: QuestionProgress
    ) throws -> LineVerdict {
        let order = try order(of: line)
        let hasFailedLine =
            line.kind == .refund && line.status == .succeeded && order != nil
            ? try BillLineRows.haveFailed(line, at: channel, db) : false
        // Most lines without an order belong to other systems.
        let mayBeOurs = order != nil || TradeNumber(line.tradeNumber) != nil
        let context = LineContext(
            channel: channel, day: bill.day, order: order, lateness: try lateness(of: bill),
            hasFailedLine: hasFailedLine,
            isRepeated: try mayBeOurs && BillLineRows.haveBefore(line, of: bill, at: channel, db),
            progress: progress, foreign: foreign)
        return line.compared(with: context)
    }

    private mutating func store(_ verdict: LineVerdict, _ line: BillLine, at place: LinePlace) throws {
        switch verdict {
        case .matched(let subject):
            try DifferenceRows.close(subject, of: channel, .matched, at: now, db)
            if place.standing == .difference { try DifferenceRows.close(at: place, .matched, at: now, db) }
            try BillLineRows.set(.matched, at: place, db)
        case .foreign:
            if place.standing == .difference { try DifferenceRows.close(at: place, .withdrawn, at: now, db) }
            try BillLineRows.set(.foreign, at: place, db)
        case .ask(let question):
            questions.append(QuestionedLine(place: place, question: question))
        case .waiting(let subject):
            let isKept = try DifferenceRows.keep(subject, at: place, of: channel, db)
            try BillLineRows.set(isKept ? .difference : .waiting, at: place, db)
        case .difference(let finding):
            try DifferenceRows.close(at: place, except: finding.subject, .replaced, at: now, db)
            if let new = try DifferenceRows.open(finding, at: place, of: channel, at: now, db) { opened.append(new) }
            try BillLineRows.set(.difference, at: place, db)
        }
    }

    /// Closes differences about refunds that the books no longer have as succeeded under the number of the difference.
    private func closeRevoked() throws {
        for finding in try DifferenceRows.missingRefunds(of: channel, limit: Self.mostMissingRefunds, db) {
            guard let number = finding.order, let order = try OrderStore.load(number, db),
                !order.hasRefund(of: finding)
            else { continue }
            try DifferenceRows.close(finding.subject, of: channel, .matched, at: now, db)
        }
    }

    private mutating func lateness(of bill: BillRows.Loaded) throws -> Lateness {
        if let known = lateness[bill.id] { return known }
        let next = bill.day.next
        let found: Lateness =
            if try !BillRows.isLoaded(channel, next, db) {
                .inTime
            } else {
                try BillRows.isLoaded(channel, next.next, db) ? .longOverdue : .overdue
            }
        lateness[bill.id] = found
        return found
    }

    /// The order that the line's payment, trade or refund belongs to.
    private func order(of line: BillLine) throws -> Order? {
        let ofPayment = try line.transactionID.flatMap { try Self.trade(paidBy: $0, at: channel, db) }
        let number =
            ofPayment ?? TradeNumber(line.tradeNumber) ?? line.refundNumber.flatMap { OwnRefundNumber($0)?.trade }
        return try number.flatMap { try OrderStore.load($0.order, db) }
    }

    private static func trade(
        paidBy transactionID: String, at channel: Channel, _ db: any Connection
    ) throws -> TradeNumber? {
        try db.prepared("SELECT trade_no FROM receipts WHERE channel = ? AND transaction_id = ?")
            .first([channel.name, transactionID]) { $0.text(0).flatMap(TradeNumber.init) } ?? nil
    }
}
