import PayCore

/// The texts of signing in.
struct SignInWords: Sendable {
    let title: String
    let name: String
    let password: String
    let code: String
    let codeHint: String
    let submit: String
    /// The same for every reason, so that it tells nothing.
    let refused: String
    let passwordIsSet: String
    /// `{}` is a number of seconds.
    private let limitedLead: String

    /// - Parameter pause: the time until the next try.
    func limited(_ pause: Duration) -> String {
        limitedLead.replacing("{}", with: String(max(1, pause.components.seconds + 1)))
    }

    static let english = SignInWords(
        title: "Sign in", name: "Name", password: "Password", code: "One-time code",
        codeHint: "Leave it empty if you use none.", submit: "Sign in",
        refused: """
            Not signed in. The name, the password or the code is wrong, the code was used before, or the account is \
            locked for a few minutes after wrong tries.
            """,
        passwordIsSet: "The password is set. Sign in with it.",
        limitedLead: "Too many tries from this address. Try again in {} seconds.")

    static let chinese = SignInWords(
        title: "登录", name: "用户名", password: "密码", code: "一次性验证码", codeHint: "未启用则留空。", submit: "登录",
        refused: "登录失败。用户名、密码或验证码有误，验证码已用过，或账号因多次失败被锁定数分钟。",
        passwordIsSet: "密码已设置，请用新密码登录。", limitedLead: "此地址尝试次数过多，请在 {} 秒后重试。")
}
