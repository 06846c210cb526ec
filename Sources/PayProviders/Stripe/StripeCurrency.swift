import PayCore

/// The currencies that Paypage uses with Stripe. Their minor unit is certainly the same at Stripe and in ISO 4217, so
/// amounts need no conversion.
///
/// Both lists follow Stripe's pages on supported and zero-decimal currencies from memory, and were not confirmed with
/// an account. Stripe refuses a currency that it does not support. A currency with another minor unit would be charged
/// a hundredfold or a hundredth. Every doubtful currency is therefore left out:
/// - ISK and UGX: no decimals in ISO 4217, but two (always 00) at Stripe;
/// - MGA: two decimals in ISO 4217 (its minor unit is a fifth), none at Stripe;
/// - BHD, IQD, JOD, KWD, LYD, OMR, TND: three decimals, of which Stripe requires the last to be 0.
enum StripeCurrency {
    static let taken = twoDecimals.union(withoutDecimals)

    /// HUF and TWD are included: Stripe uses whole units for their payouts, but hundredths for their charges.
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

    /// Stripe's code of the currency. Nil if Paypage does not use the currency with Stripe.
    static func wire(_ currency: Currency) -> String? {
        taken.contains(currency.code) ? currency.code.lowercased() : nil
    }

    /// The ISO 4217 code of any currency in Stripe's notation.
    static func code(_ wire: String) -> String { wire.uppercased() }
}
