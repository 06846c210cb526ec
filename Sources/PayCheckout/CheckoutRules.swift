package import PayCore

/// The configuration of the hosted checkout page.
package struct CheckoutRules: Sendable {
    /// The shop's name for customers; nil if it is not configured.
    package let shopName: String?
    /// Shown beside the shop's name.
    package let logo: CheckoutImage?
    /// The colour of the main button; nil for the page's own.
    package let color: CheckoutColor?
    /// The merchant's pictures of channels. Other channels have a mark of the provider.
    package let marks: [Channel: CheckoutImage]
    /// The web origins that may show the checkout page in a frame.
    package let frameAncestors: [String]

    package init(
        shopName: String? = nil, logo: CheckoutImage? = nil, color: CheckoutColor? = nil,
        marks: [Channel: CheckoutImage] = [:], frameAncestors: [String] = []
    ) {
        self.shopName = shopName
        self.logo = logo
        self.color = color
        self.marks = marks
        self.frameAncestors = frameAncestors
    }
}
