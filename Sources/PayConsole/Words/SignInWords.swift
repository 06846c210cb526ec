/// The texts of signing in.
struct SignInWords: Sendable {
    let title: String
    let name: String
    let password: String
    let submit: String

    static let english = SignInWords(title: "Sign in", name: "Name", password: "Password", submit: "Sign in")
    static let chinese = SignInWords(title: "登录", name: "用户名", password: "密码", submit: "登录")
}
