import Testing

@testable import PayConsole

/// The scales and the paths of charts.
@Suite struct PlotTests {
    @Test(arguments: [
        (1.0, 1.0), (1.1, 2), (2, 2), (2.1, 4), (5, 6), (7, 8), (9, 10), (10, 10), (11, 20), (99, 100),
        (0.03, 0.04),
        (1e12, 1e12), (9.3e18, 1e19),
    ])
    func `the top of a scale is round, and not below the largest value`(
        _ largest: Double, _ top: Double
    ) {
        let scale = PlotScale(covering: [nil, 0, largest], least: 0.001)
        #expect(abs(scale.top - top) <= top * 1e-9)
        #expect(scale.top * (1 + 1e-9) >= largest)
    }

    @Test(arguments: [[], [nil], [0], [nil, 0, nil], [-5], [.infinity], [.nan]] as [[Double?]])
    func `a scale without values above zero has the least top`(_ values: [Double?]) {
        #expect(PlotScale(covering: values, least: 2).top == 2)
    }

    @Test(arguments: 1...3_000)
    func `half of a scale of counts is a count`(_ largest: Int) {
        let half = PlotScale(covering: [Double(largest)], least: 2).half
        #expect(half == half.rounded())
    }

    @Test func `bars stand on the ground, as high as their share`() {
        let path = PlotPath.bars([10, nil, 5, 0], on: PlotScale(top: 10))
        #expect(path == "M1 100v-100h8v100zM21 100v-50h8v50z")
    }

    @Test func `a value far below the scale is still visible`() {
        #expect(PlotPath.bars([0.0001], on: PlotScale(top: 10)) == "M1 100v-1.5h8v1.5z")
    }

    @Test func `values that no scale fits stay inside the drawing`() {
        #expect(
            PlotPath.bars([.infinity, 1e300], on: PlotScale(top: 1))
                == "M1 100v-100h8v100zM11 100v-100h8v100z")
        #expect(PlotPath.line([1e300, -1e300], on: PlotScale(top: 1)) == "M5 0L15 100")
        #expect(PlotPath.bars([.nan, -3], on: PlotScale(top: 1)) == "")
    }

    @Test func `a line leads through the middle of each step`() {
        #expect(
            PlotPath.line([0, 5, 10, 3.333], on: PlotScale(top: 10)) == "M5 100L15 50L25 0L35 66.7")
    }

    @Test func `a missing value is a gap, and a value between gaps is a point`() {
        #expect(
            PlotPath.line([1, nil, 1, nil, 1, 1, .nan], on: PlotScale(top: 1))
                == "M5 0h0M25 0h0M45 0L55 0")
    }

    @Test func `one value is a point, and no value is nothing`() {
        #expect(PlotPath.line([1], on: PlotScale(top: 2)) == "M5 50h0")
        #expect(PlotPath.line([], on: PlotScale(top: 2)) == "")
        #expect(PlotPath.line([nil, nil], on: PlotScale(top: 2)) == "")
        #expect(PlotPath.bars([], on: PlotScale(top: 2)) == "")
    }

    @Test func `a drawing is never without width`() {
        #expect(PlotPath.viewBox(steps: 60) == "0 0 600 100")
        #expect(PlotPath.viewBox(steps: 0) == "0 0 10 100")
    }
}
