import PayCore

/// The texts about an operator's own account.
struct AccountWords: Sendable {
    let setPassword: String
    let setPasswordLead: String
    let newPassword: String
    let repeated: String
    let present: String
    let changePassword: String
    let passwordChanged: String
    let linkOverTitle: String
    let linkOverLead: String
    let wrongPassword: String
    let differs: String
    /// `{}` is a number of characters.
    let tooShort: String
    let tooLong: String
    let likeName: String
    let monotonous: String
    let sessions: String
    let begun: String
    let lastUsed: String
    let address: String
    let thisOne: String
    let endOthers: String
    let endAll: String
    let sessionsEnded: String
    let codesTitle: String
    let codesAreOn: String
    let codesAreOff: String
    let setUpCodes: String
    let turnOffCodes: String
    let codesLead: String
    let codesPicture: String
    let codesSecret: String
    let code: String
    let turnOnCodes: String
    let wrongCode: String
    let codesOnNow: String
    let codesOffNow: String

    /// Why a new password is refused. Nil if it is accepted.
    func flaw(in password: String, repeated: String?, for name: OperatorName) -> String? {
        switch PasswordFlaw(of: password, for: name) {
        case .tooShort: tooShort.replacing("{}", with: String(PasswordFlaw.shortest))
        case .tooLong: tooLong
        case .likeName: likeName
        case .monotonous: monotonous
        case nil: repeated == password ? nil : differs
        }
    }

    static let english = AccountWords(
        setPassword: "Set your password",
        setPasswordLead: "Choose a password of at least {} characters. A sentence is easy to remember.",
        newPassword: "New password", repeated: "New password again", present: "Present password",
        changePassword: "Change password",
        passwordChanged: "The password is changed, and every other session has ended.",
        linkOverTitle: "This link is not valid",
        linkOverLead: "It was used, replaced, or is older than a day. Ask for a new one (paypage operators reset).",
        wrongPassword: "The present password is wrong. Nothing was changed.",
        differs: "The two new passwords differ. Nothing was changed.",
        tooShort: "The new password has fewer than {} characters. Nothing was changed.",
        tooLong: "The new password is too long. Nothing was changed.",
        likeName: "The new password is little more than your name. Nothing was changed.",
        monotonous: "The new password repeats a few characters. Nothing was changed.",
        sessions: "Your sessions", begun: "Signed in", lastUsed: "Last used", address: "Address",
        thisOne: "this session", endOthers: "End the other sessions", endAll: "End all, and sign out",
        sessionsEnded: "The other sessions have ended.",
        codesTitle: "One-time codes", codesAreOn: "A sign-in asks for a code of your app.",
        codesAreOff: "A sign-in asks for the password alone.", setUpCodes: "Set up codes",
        turnOffCodes: "Turn codes off",
        codesLead:
            "Scan the picture with an authenticator app, or type the secret into it. Then enter the code it shows.",
        codesPicture: "QR code for the authenticator app", codesSecret: "Secret", code: "Code of the app",
        turnOnCodes: "Turn codes on", wrongCode: "The code is wrong. Check the clock of the device.",
        codesOnNow: "Codes are on. Your other sessions have ended.",
        codesOffNow: "Codes are off. Your other sessions have ended.")

    static let chinese = AccountWords(
        setPassword: "设置密码", setPasswordLead: "请设置至少 {} 个字符的密码，一句话更容易记住。", newPassword: "新密码",
        repeated: "再次输入新密码", present: "当前密码", changePassword: "修改密码",
        passwordChanged: "密码已修改，其他会话已全部结束。", linkOverTitle: "此链接无效",
        linkOverLead: "链接已使用、已被替换，或已超过一天。请索取新的链接（paypage operators reset）。",
        wrongPassword: "当前密码错误。未做任何更改。", differs: "两次输入的新密码不一致。未做任何更改。",
        tooShort: "新密码少于 {} 个字符。未做任何更改。", tooLong: "新密码过长。未做任何更改。",
        likeName: "新密码与用户名过于相似。未做任何更改。", monotonous: "新密码只是重复少数字符。未做任何更改。",
        sessions: "我的会话", begun: "登录时间", lastUsed: "最近使用", address: "地址", thisOne: "当前会话",
        endOthers: "结束其他会话", endAll: "结束全部会话并退出", sessionsEnded: "其他会话已结束。",
        codesTitle: "一次性验证码", codesAreOn: "登录时需要输入应用中的验证码。", codesAreOff: "登录时只需要密码。",
        setUpCodes: "启用验证码", turnOffCodes: "停用验证码",
        codesLead: "请用验证器应用扫描图片，或手动输入密钥，然后填写应用显示的验证码。", codesPicture: "验证器应用的二维码",
        codesSecret: "密钥", code: "应用中的验证码", turnOnCodes: "启用验证码", wrongCode: "验证码错误。请检查设备的时间。",
        codesOnNow: "验证码已启用，其他会话已结束。", codesOffNow: "验证码已停用，其他会话已结束。")
}
