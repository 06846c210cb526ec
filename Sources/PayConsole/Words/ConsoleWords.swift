/// Every text of the console. Each language has one value of each part, so a missing text doesn't compile.
struct ConsoleWords: Sendable {
    let frame: FrameWords
    let signIn: SignInWords
    let account: AccountWords

    static let english = ConsoleWords(frame: .english, signIn: .english, account: .english)
    static let chinese = ConsoleWords(frame: .chinese, signIn: .chinese, account: .chinese)
}
