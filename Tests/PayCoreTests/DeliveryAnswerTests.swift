import PayCore
import Testing

@Suite struct DeliveryAnswerTests {
    private let now = Instant(milliseconds: 1_795_348_800_000)
    private static let inVain: [DeliveryAnswer] = [.refused(status: 500), .unanswered(reason: "timed out")]

    @Test func `an acknowledged webhook is delivered, whatever the number of its try`() {
        for tryNumber in 1...20 { #expect(DeliveryAnswer.accepted.step(afterTry: tryNumber, at: now) == .delivered) }
    }

    @Test(arguments: inVain)
    func `a failed webhook is retried after growing pauses, and parked after three days`(
        _ answer: DeliveryAnswer
    ) {
        let seconds = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 72_000, 86_400]
        for (index, pause) in seconds.enumerated() {
            #expect(answer.step(afterTry: index + 1, at: now) == .again(at: now + .seconds(pause)))
        }
        #expect(answer.step(afterTry: seconds.count + 1, at: now) == .parked)
        #expect(answer.step(afterTry: seconds.count + 9, at: now) == .parked)
        #expect((71 * 3_600...72 * 3_600).contains(seconds.reduce(0, +)))
    }

    @Test func `repeated crashes of the service never park a webhook early`() {
        let longest = Duration.seconds(86_400)
        let whole = Duration.seconds(258_155)
        #expect(
            DeliveryStep.parked.givingUp(noSoonerAfter: now, at: now + whole - .milliseconds(1))
                == .again(at: now + whole - .milliseconds(1) + longest))
        #expect(DeliveryStep.parked.givingUp(noSoonerAfter: now, at: now + whole) == .parked)
        #expect(DeliveryStep.delivered.givingUp(noSoonerAfter: now, at: now) == .delivered)
        #expect(DeliveryStep.again(at: now).givingUp(noSoonerAfter: now, at: now) == .again(at: now))
    }

    @Test func `a delivery answer has a short text for the log`() {
        #expect(DeliveryAnswer.accepted.words == "accepted")
        #expect(DeliveryAnswer.refused(status: 410).words == "answered with 410")
        #expect(DeliveryAnswer.unanswered(reason: "the connection broke").words == "the connection broke")
    }

    @Test(arguments: [0, -1, Int64.min]) func `a delivery ID is above zero`(_ number: Int64) {
        #expect(DeliveryID(number) == nil)
    }
}
