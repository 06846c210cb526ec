/// What the hosted checkout page was configured to.
package struct CheckoutRules: Sendable {
    /// The shop's name as its customers know it; nil when nobody set one.
    package let shopName: String?
    /// The web origins whose pages may show the checkout in a frame.
    package let frameAncestors: [String]

    package init(shopName: String? = nil, frameAncestors: [String] = []) {
        self.shopName = shopName
        self.frameAncestors = frameAncestors
    }
}
