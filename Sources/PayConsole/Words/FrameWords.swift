import PayCore

/// The texts around every page, and of the pages without content of their own.
struct FrameWords: Sendable {
    let console: String
    let skip: String
    let navigation: String
    let signOut: String
    let account: String
    let overview: String
    let viewer: String
    let theOperator: String
    let admin: String
    let notFoundTitle: String
    let notFoundLead: String
    let staleTitle: String
    let staleLead: String
    let roleTitle: String
    /// `{}` is the role.
    let roleLead: String
    let hostTitle: String
    let hostLead: String
    let brokenTitle: String
    /// `{}` is the request's id.
    let brokenLead: String
    let badRequestLead: String
    let unavailableLead: String
    let busyLead: String
    let backToStart: String
    /// The page can't refresh itself.
    let lost: String
    let sessionOver: String

    func role(_ role: OperatorRole) -> String {
        switch role {
        case .viewer: viewer
        case .operator: theOperator
        case .admin: admin
        }
    }

    static let english = FrameWords(
        console: "Paypage console", skip: "Skip to content", navigation: "Sections", signOut: "Sign out",
        account: "Your account", overview: "Overview",
        viewer: "Viewer", theOperator: "Operator", admin: "Admin",
        notFoundTitle: "Not found", notFoundLead: "This page or record does not exist.",
        staleTitle: "Nothing was changed",
        staleLead: "The form is not from a page of your present session. Open the page again, and repeat the action.",
        roleTitle: "Not allowed", roleLead: "This needs the role {}. Nothing was changed.",
        hostTitle: "Wrong address",
        hostLead: "Open the console by the address in console.public.url, or by a loopback address if that is not set.",
        brokenTitle: "Something went wrong",
        brokenLead: "The request failed. The service log has details under the request id {}.",
        badRequestLead: "The request is malformed or too large. Nothing was changed.",
        unavailableLead: "The database is unavailable. Try again in a moment.",
        busyLead: "Too many sign-ins at once. Nothing was changed. Try again in a moment.",
        backToStart: "To the overview",
        lost: "No connection to the console. This page may be out of date; it tries again by itself.",
        sessionOver:
            "Your session is over. Sign in in another tab, or reload this page; text in its forms is lost then.")

    static let chinese = FrameWords(
        console: "Paypage 控制台", skip: "跳到内容", navigation: "栏目", signOut: "退出登录", account: "我的账号",
        overview: "概览",
        viewer: "查看者", theOperator: "操作员", admin: "管理员",
        notFoundTitle: "未找到", notFoundLead: "该页面或记录不存在。",
        staleTitle: "未做任何更改", staleLead: "此表单不属于当前会话。请重新打开页面后再操作。",
        roleTitle: "没有权限", roleLead: "此操作需要“{}”角色。未做任何更改。",
        hostTitle: "地址不正确", hostLead: "请使用 console.public.url 中的地址打开控制台；未设置时请使用本机回环地址。",
        brokenTitle: "出错了", brokenLead: "请求失败。服务日志中请求 ID {} 下有详细信息。",
        badRequestLead: "请求格式错误或过大。未做任何更改。", unavailableLead: "数据库暂时不可用，请稍后再试。",
        busyLead: "同时登录的人数过多。未做任何更改，请稍后再试。",
        backToStart: "返回概览", lost: "与控制台的连接已断开。本页可能已过时，将自动重试。",
        sessionOver: "会话已结束。请在另一个标签页登录，或重新加载本页（表单中的内容会丢失）。")
}
