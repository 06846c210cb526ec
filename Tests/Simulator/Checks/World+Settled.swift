import PayCore

extension World {
    /// What is not yet as it has to be in the end; nil when everything has settled.
    func settledProblem() -> String? {
        for number in watch.orders.keys.sorted(by: { $0.text < $1.text }) {
            guard let order = watch.orders[number] else { continue }
            if let attempt = order.attempts.first(where: { $0.state.name == .creating || $0.state.name == .closing }) {
                return "\(attempt.number) is \(attempt.state.name)"
            }
        }
        return nil
    }

    /// The providers' books against ours, when everything has settled.
    func checkBooks() {
    }
}
