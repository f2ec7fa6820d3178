public import PostgreSQL

/// An amount of a currency, in its minor units: 1999 of USD is 19.99 dollars, 1999 of JPY is 1999 yen.
///
/// In JSON `{"amount": 1999, "currency": "USD"}`; in SQL two columns, `price_minor` and `price_currency` (or one
/// `currency` for the row).
public struct Money: Codable, Hashable, Sendable {
    /// In minor units.
    public var amount: Int64
    /// Of which currency.
    public var currency: Currency

    /// An amount in minor units.
    public init(_ amount: Int64, _ currency: Currency) { (self.amount, self.currency) = (amount, currency) }

    /// The sum of two amounts.
    ///
    /// - Throws: ``MoneyError`` for two currencies, or a sum beyond `Int64`.
    public func adding(_ other: Money) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .currencies(currency, other.currency) }
        let (sum, overflow) = amount.addingReportingOverflow(other.amount)
        guard !overflow else { throw .overflow }
        return Money(sum, currency)
    }

    /// So many times the amount.
    ///
    /// - Throws: ``MoneyError/overflow`` beyond `Int64`.
    public func times(_ factor: Int64) throws(MoneyError) -> Money {
        let (product, overflow) = amount.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw .overflow }
        return Money(product, currency)
    }

    /// For people: `1,234.50 USD`, in the German locale `1.234,50 EUR`, in an Indian one `12,34,567.00 INR`.
    ///
    /// The currency follows as its code; decimals are the currency's own.
    ///
    /// - Parameter locale: a BCP 47 tag such as `de` or `en-IN`; an unknown one is read as `en`.
    public func formatted(_ locale: String = "en") -> String {
        let style = NumberStyle(locale)
        let decimals = currency.decimals
        var digits = String(amount.magnitude)
        if digits.utf8.count <= decimals {
            digits = String(repeating: "0", count: decimals + 1 - digits.utf8.count) + digits
        }
        let whole = style.grouped(String(digits.dropLast(decimals)))
        let fraction = decimals == 0 ? "" : style.point + digits.suffix(decimals)
        return "\(amount < 0 ? "-" : "")\(whole)\(fraction)\u{A0}\(currency.code)"
    }
}

/// Why two amounts cannot be reckoned with.
public enum MoneyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// They are of two currencies.
    case currencies(Currency, Currency)
    /// The result is beyond `Int64`.
    case overflow

    /// A sentence.
    public var description: String {
        switch self {
        case .currencies(let a, let b): "\(a) and \(b) cannot be added"
        case .overflow: "the amount is too large"
        }
    }
}

extension Row {
    /// Reads an amount and, in the next column, its currency.
    public mutating func next() throws(DatabaseError) -> Money { Money(try next(), try next()) }
}

/// How a locale groups digits and marks decimals: what CLDR says of the larger languages.
struct NumberStyle {
    let point: String
    private let separator: String
    private let indian: Bool

    init(_ locale: String) {
        let parts = locale.lowercased().split { $0 == "-" || $0 == "_" }
        let language = parts.first ?? "en"
        let region = parts.last ?? ""
        indian = region == "in" || ["hi", "bn", "ta", "te", "mr", "gu"].contains(language)
        switch language {
        case "de" where region == "ch" || region == "li": (point, separator) = (".", "\u{2019}")
        case "de" where region == "at": (point, separator) = (",", "\u{A0}")
        case "es" where ["mx", "us", "419"].contains(region): (point, separator) = (".", ",")
        case "de", "es", "it", "nl", "pt", "tr", "id", "da", "el", "ro", "sl", "hr", "sr", "vi", "is":
            (point, separator) = (",", ".")
        case "fr": (point, separator) = (",", "\u{202F}")
        case "ru", "uk", "pl", "cs", "sk", "sv", "nb", "nn", "no", "fi", "hu", "bg", "lt", "lv", "et":
            (point, separator) = (",", "\u{A0}")
        default: (point, separator) = (".", ",")
        }
    }

    func grouped(_ digits: String) -> String {
        var groups: [Substring] = []
        var rest = Substring(digits)
        while !rest.isEmpty {
            let size = indian && !groups.isEmpty ? 2 : 3
            groups.append(rest.suffix(size))
            rest = rest.dropLast(size)
        }
        return groups.reversed().joined(separator: separator)
    }
}
