public import ArgumentParser
import Foundation
public import PayCore
import PayFlow

/// The author of a change by a command. Every command that changes something has these options.
struct AuthorOptions: ParsableArguments {
    @Option(help: "The name of the person who decides, for the audit. The default is $SUDO_USER, or this user.")
    var by: PersonName?

    /// Throws an error with its fix if the author has no name.
    func actor() throws(CommandFailure) -> Actor {
        try actor(environment: ProcessInfo.processInfo.environment, account: NSUserName(), host: Self.hostName)
    }

    /// - Parameter account: the name of the account that the command runs as, where no variable names the person.
    func actor(environment: [String: String], account: String, host: String?) throws(CommandFailure) -> Actor {
        let known = [environment["SUDO_USER"], environment["USER"], account].compactMap { $0 }
        guard let name = by ?? known.lazy.compactMap({ PersonName($0) }).first else {
            throw CommandFailure("no name of the person who decides: pass --by NAME")
        }
        return Actor(name, by: .cli, from: host.flatMap { PersonName(String($0.prefix(PersonName.longest))) })
    }

    /// The host's own name, without a query to a name server.
    private static var hostName: String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension PersonName: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
