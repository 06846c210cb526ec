import Hummingbird
import PayAPI
import PayCore

/// The files of the hosted page. The stylesheet, the script and the icon are embedded in the binary; the pictures are
/// the merchant's.
struct CheckoutAssets: Sendable {
    let stylesheet: CheckoutAsset
    let script: CheckoutAsset
    let icon: CheckoutAsset
    let logo: CheckoutAsset?
    let marks: [PayCore.Channel: CheckoutAsset]

    init(_ rules: CheckoutRules) {
        let colors = rules.color.map { Array(CheckoutPalette.css($0).utf8) } ?? []
        stylesheet = CheckoutAsset("checkout.css", PackageResources.checkout_css + colors, "text/css; charset=utf-8")
        script = CheckoutAsset("checkout.js", PackageResources.checkout_js, "text/javascript; charset=utf-8")
        icon = CheckoutAsset("checkout.svg", PackageResources.checkout_svg, "image/svg+xml")
        logo = rules.logo.map { CheckoutAsset("logo", $0) }
        marks = Dictionary(
            uniqueKeysWithValues: rules.marks.map { ($0, CheckoutAsset("mark-\($0.name)", $1)) })
    }

    /// Without pictures and colours of a merchant.
    static let standard = CheckoutAssets(CheckoutRules())

    var endpoints: [Endpoint] {
        ([stylesheet, script, icon] + (logo.map { [$0] } ?? []) + marks.values).map { asset in
            Endpoint(
                path: RouterPath("/assets/\(asset.name)"),
                handlers: [(.get, { request, _ in asset.answer(to: request) })])
        }
    }
}
