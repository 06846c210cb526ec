import PayCore

/// The currencies that Stripe is asked for: those whose minor unit is certainly the same to Stripe and to ISO 4217, so
/// that an amount goes over as it is.
///
/// Both lists are from memory of Stripe's pages on supported and zero-decimal currencies, and were not confirmed with an
/// account. One that Stripe doesn't take after all is refused by Stripe; one whose unit differs would charge a hundred
/// times too much or too little, so whatever is in doubt is left out:
/// - ISK and UGX: no decimals in ISO 4217, written with two (always 00) to Stripe;
/// - MGA: two decimals in ISO 4217 (its minor unit is a fifth), none to Stripe;
/// - BHD, IQD, JOD, KWD, LYD, OMR, TND: three decimals, of which Stripe wants the last to be 0.
enum StripeCurrency {
    static let taken = twoDecimals.union(withoutDecimals)

    /// HUF and TWD are among them: Stripe counts their payouts in whole units, but their charges in hundredths.
    private static let twoDecimals: Set<String> = [
        "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BMD", "BND",
        "BOB", "BRL", "BSD", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CVE", "CZK", "DKK", "DOP",
        "DZD", "EGP", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF",
        "IDR", "ILS", "INR", "JMD", "KES", "KGS", "KHR", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL",
        "MKD", "MMK", "MNT", "MOP", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD",
        "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "SAR", "SBD", "SCR", "SEK", "SGD", "SHP", "SLE",
        "SOS", "SRD", "SZL", "THB", "TJS", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "WST", "XCD",
        "YER", "ZAR", "ZMW",
    ]

    private static let withoutDecimals: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    ]

    /// As Stripe writes it; nil for one that it isn't asked for.
    static func wire(_ currency: Currency) -> String? {
        taken.contains(currency.code) ? currency.code.lowercased() : nil
    }

    /// The ISO 4217 code of what Stripe wrote, whatever it is.
    static func code(_ wire: String) -> String { wire.uppercased() }
}
