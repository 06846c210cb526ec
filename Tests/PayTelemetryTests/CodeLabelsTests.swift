import PayCore
import Testing

@testable import PayTelemetry

@Suite struct `The reasons of unknown outcomes in metrics` {
    private func code(_ number: Int) -> UnknownReason { .code(ProviderError(code: "CODE_\(number)")) }

    @Test func `reason labels are the general reasons and the first 16 codes seen`() {
        let labels = CodeLabels()
        for number in 1...CodeLabels.mostCodes { #expect(labels.label(code(number)) == "code:CODE_\(number)") }
        #expect(labels.label(code(CodeLabels.mostCodes + 1)) == "code:other")
        #expect(labels.label(code(1)) == "code:CODE_1")
        for reason in UnknownReason.general { #expect(labels.label(reason) == reason.text) }
    }

    @Test func `reason labels of four channels stay below the series limit`() {
        let series = 4 * 4 * (2 + UnknownReason.general.count + CodeLabels.mostCodes + 1)
        #expect(series < PrometheusMetrics.seriesLimit)
    }
}
