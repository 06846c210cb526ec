import PayFlow
import Testing

@Suite("the current value")
struct CurrentTests {
    @Test func `a reader gets each replacement, and keeps what it got before`() {
        let current = Current("first")
        var reader = current.reader()
        let before = reader.value()
        current.replace(with: "second")
        #expect(before == "first")
        #expect(reader.value() == "second" && current.value == "second")
        current.replace(with: "third")
        #expect(reader.value() == "third")
    }

    @Test func `readers on other threads never see a value go back`() async {
        let current = Current(0)
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    var reader = current.reader()
                    var last = 0
                    for _ in 0..<10_000 {
                        let value = reader.value()
                        #expect(value >= last)
                        last = value
                    }
                }
            }
            group.addTask { for value in 1...1_000 { current.replace(with: value) } }
        }
    }
}
