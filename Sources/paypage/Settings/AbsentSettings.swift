/// Keys of the product that this version can't honour yet. Setting one is a mistake rather than a silence.
///
/// Whoever builds a row's feature deletes the row, and names its keys in ``SettingKey``.
struct AbsentSettings: Sendable {
    /// What is not there, to be said of each of its keys.
    let lack: String
    let keys: [String]

    static let all = [
        AbsentSettings(
            lack: "this version has no alipay channel",
            keys: [
                "alipay.app.id", "alipay.private.key.file", "alipay.public.key.file", "alipay.gateway.url",
                "alipay.seller.id", "alipay.pc.method",
            ]
        ),
        AbsentSettings(
            lack: "this version has no wechat channel",
            keys: [
                "wechat.mch.id", "wechat.app.id", "wechat.serial.no", "wechat.private.key.file", "wechat.api.v3.key",
                "wechat.public.key.id", "wechat.public.key.file", "wechat.platform.certificates", "wechat.base.url",
            ]
        ),
        AbsentSettings(
            lack: "this version has no stripe channel",
            keys: ["stripe.secret.key", "stripe.webhook.secret", "stripe.base.url"]
        ),
    ]
}
