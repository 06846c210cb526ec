import PayCore
import PayFlow

extension Actor {
    /// The shop's staff, by commands beside the service.
    static let staff = Actor(PersonName("Wang")!, by: .cli, from: nil)
    /// The shop's back end.
    static let shop = Actor(PersonName("api key")!, by: .api, from: nil)
}
