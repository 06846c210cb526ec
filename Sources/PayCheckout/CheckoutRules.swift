/// The configuration of the hosted checkout page.
package struct CheckoutRules: Sendable {
    /// The shop's name for customers; nil if it is not configured.
    package let shopName: String?
    /// The web origins that may show the checkout page in a frame.
    package let frameAncestors: [String]

    package init(shopName: String? = nil, frameAncestors: [String] = []) {
        self.shopName = shopName
        self.frameAncestors = frameAncestors
    }
}
