import CryptoExtras
import Foundation

/// The apps of the fake's merchant. Each has its appid, and all are bound to its merchant id.
extension FakeWeChatPay {
    /// Serves every terminal, like the only appid of a small shop.
    public static let appID = "wxd678efh567hg6787"
    /// An official account.
    public static let accountAppID = "wx2421b1c4370ec43b"
    public static let miniAppID = "wx8888888888888888"
    public static let mobileAppID = "wx6666666666666666"
    /// An app of somebody else.
    public static let foreignAppID = "wx0000000000000000"

    static let boundAppIDs: Set<String> = [appID, accountAppID, miniAppID, mobileAppID]
}

/// The program that passes the parameters of a page to WeChat.
enum FakeWeChatPayCaller {
    case app, officialAccount, miniProgram

    /// Whether WeChat opens the cashier for a caller with this appid.
    func mayUse(_ appID: String) -> Bool {
        switch appID {
        case FakeWeChatPay.appID: true
        case FakeWeChatPay.accountAppID: self == .officialAccount
        case FakeWeChatPay.miniAppID: self == .miniProgram
        case FakeWeChatPay.mobileAppID: self == .app
        default: false
        }
    }
}

/// The parameters that an app passes to WeChat's SDK.
struct FakeWeChatPayAppCall: Decodable {
    let appId, partnerId, prepayId, packageValue, nonceStr, timeStamp, sign: String

    /// The `prepay_id`, if the parameters are signed.
    func checkedID() throws -> String {
        let text = [appId, timeStamp, nonceStr, prepayId].map { $0 + "\n" }.joined()
        guard FakeWeChatPayCaller.app.mayUse(appId), partnerId == FakeWeChatPay.merchantID,
            packageValue == "Sign=WXPay",
            FakeWeChatPaySeal.isSigned(Array(text.utf8), sign, by: FakeWeChatPayKeys.merchant.publicKey)
        else { throw FakeProblem("the app's parameters are not signed") }
        return prepayId
    }
}

/// The parameters that a page inside WeChat or a mini program passes to WeChat.
struct FakeWeChatPayBridgeCall: Decodable {
    let appId, timeStamp, nonceStr, package, signType, paySign: String

    /// The `prepay_id`, if the parameters are signed and the caller may use them.
    func checkedID(by caller: FakeWeChatPayCaller) throws -> String {
        let text = [appId, timeStamp, nonceStr, package].map { $0 + "\n" }.joined()
        guard caller.mayUse(appId), signType == "RSA", package.hasPrefix("prepay_id="),
            FakeWeChatPaySeal.isSigned(Array(text.utf8), paySign, by: FakeWeChatPayKeys.merchant.publicKey)
        else { throw FakeProblem("the bridge's parameters are not signed") }
        return String(package.dropFirst("prepay_id=".count))
    }
}
