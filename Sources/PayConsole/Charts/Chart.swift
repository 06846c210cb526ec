import PayFlow

/// A chart with its numbers. Its members have names of their own, because the template looks up a name from the inside out.
struct Chart: Sendable {
    let chartID: String
    let chartTitle: String
    /// The sums or the latest values, as a text.
    let chartLead: String
    /// Why there is nothing to draw. Nil if there is something.
    var chartEmpty: String?
    var legend: Legend?
    var panels: [Panel] = []
    var axis: Axis?
    var numbers: Numbers?

    init(_ id: String, _ title: String, lead: String) {
        chartID = id
        chartTitle = title
        chartLead = lead
    }

    struct Legend: Sendable {
        let curveNames: [CurveName]
    }

    struct CurveName: Sendable {
        let curveName: String
        let nameStyle: String
    }

    /// A drawing with a scale of its own.
    struct Panel: Sendable {
        let panelID: String
        let panelLabel: String
        let panelDescription: String
        let top: String
        let half: String
        let isLow: Bool
        let viewBox: String
        let curves: [Curve]
    }

    struct Curve: Sendable {
        let curveStyle: String
        let curvePath: String
    }

    /// The first, the middle and the last step.
    struct Axis: Sendable {
        let axisTimes: [AxisTime]
    }

    struct AxisTime: Sendable {
        let axisInstant: String
        let axisText: String
    }

    /// The numbers of the drawing, in a table. Steps without any are left out.
    struct Numbers: Sendable {
        let numberNames: [String]
        let numberRows: [NumberRow]
    }

    struct NumberRow: Sendable {
        let rowInstant: String
        let rowText: String
        let numberCells: [String]
    }
}

/// The style of a curve: the colour and the dashes, which tell it from others without the colour.
enum CurveStyle: String, Sendable {
    case payments, refunds, median, slow, hits
}

/// Values over time, for one panel.
struct PlotData: Sendable {
    let name: String
    let style: CurveStyle
    let values: [Double?]
    /// The value of a step, for the table and the description.
    let text: @Sendable (Double) -> String
    /// A value at the scale.
    let mark: @Sendable (Double) -> String

    /// Whether the table has the value. A sum of zero is left out, a rate of zero is not.
    func isWritten(_ step: Int) -> Bool { values[step].map { $0 != 0 || style == .hits } ?? false }

    var largest: (step: Int, value: Double)? {
        values.enumerated().compactMap { step, value in value.map { (step, $0) } }.max { $0.1 < $1.1 }
    }
}
