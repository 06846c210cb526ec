import PayCore
import Testing

@testable import PayTelemetry

@Suite struct `The reasons of unknown outcomes in metrics` {
    private func code(_ number: Int) -> UnknownReason { .code(ProviderError(code: "CODE_\(number)")) }

    @Test func `are the general ones, and as many codes as are seen first`() {
        let labels = CodeLabels()
        for number in 1...CodeLabels.mostCodes { #expect(labels.label(code(number)) == "code:CODE_\(number)") }
        #expect(labels.label(code(CodeLabels.mostCodes + 1)) == "code:other")
        #expect(labels.label(code(1)) == "code:CODE_1")
        for reason in UnknownReason.general { #expect(labels.label(reason) == reason.text) }
    }

    @Test func `stay below the limit of a family with four channels`() {
        let series = 4 * 4 * (2 + UnknownReason.general.count + CodeLabels.mostCodes + 1)
        #expect(series < PrometheusMetrics.seriesLimit)
    }
}
