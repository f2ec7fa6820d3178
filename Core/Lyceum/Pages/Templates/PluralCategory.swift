/// The plural forms that languages distinguish, as Unicode's CLDR names them.
///
/// Source: CLDR 46, "Language Plural Rules", for whole numbers (`v = 0`), which are all that is counted here.
/// https://www.unicode.org/cldr/charts/46/supplemental/language_plural_rules.html
public enum PluralCategory: String, Sendable, Hashable, CaseIterable {
    /// Arabic's form for none.
    case zero
    /// The singular of most languages.
    case one
    /// The dual, as in Arabic.
    case two
    /// Few, as in Arabic and in Slavic languages.
    case few
    /// Many, as in Arabic and in Slavic languages; whole millions in Romance ones.
    case many
    /// Everything else; every translation of a number needs it.
    case other

    /// The form that a language uses with a number, such as `few` for 3 in Polish.
    ///
    /// - Parameter language: a BCP 47 tag, of which only the language counts (`pt-PT` alone differs from its language).
    ///   A language that is not known here has `one` for 1 and `other` for the rest.
    public static func of(_ count: Int, language: String) -> PluralCategory {
        PluralRule(language: language).category(of: count)
    }
}

/// How a family of languages counts.
enum PluralRule: Sendable {
    case one, none, zeroOrOne, oneAndMillions, zeroOrOneAndMillions, arabic, russian, polish, czech, hebrew

    init(language tag: String) {
        let tag = tag.lowercased()
        self =
            switch tag.prefix(while: { $0 != "-" && $0 != "_" }) {
            case "ar": .arabic
            case "ru", "uk", "be": .russian
            case "pl": .polish
            case "cs", "sk": .czech
            case "he": .hebrew
            case "es", "it", "ca": .oneAndMillions
            case "fr": .zeroOrOneAndMillions
            case "pt": tag == "pt-pt" || tag == "pt_pt" ? .oneAndMillions : .zeroOrOneAndMillions
            case "hi", "bn", "fa", "gu", "kn", "zu", "am": .zeroOrOne
            case "ja", "ko", "zh", "th", "vi", "id", "ms", "lo", "my": .none
            default: .one
            }
    }

    /// The forms that a translation may give; any other would never be used.
    var categories: [PluralCategory] {
        switch self {
        case .none: [.other]
        case .one, .zeroOrOne: [.one, .other]
        case .oneAndMillions, .zeroOrOneAndMillions: [.one, .many, .other]
        case .arabic: [.zero, .one, .two, .few, .many, .other]
        case .russian, .polish, .czech: [.one, .few, .many, .other]
        case .hebrew: [.one, .two, .other]
        }
    }

    func category(of count: Int) -> PluralCategory {
        let n = count.magnitude
        let (tens, hundreds) = (n % 10, n % 100)
        switch self {
        case .none: return .other
        case .one: return n == 1 ? .one : .other
        case .zeroOrOne: return n < 2 ? .one : .other
        case .oneAndMillions: return n == 1 ? .one : n != 0 && n % 1_000_000 == 0 ? .many : .other
        case .zeroOrOneAndMillions: return n < 2 ? .one : n % 1_000_000 == 0 ? .many : .other
        case .arabic:
            return switch n {
            case 0: .zero
            case 1: .one
            case 2: .two
            default: (3...10).contains(hundreds) ? .few : hundreds >= 11 ? .many : .other
            }
        case .russian:
            if tens == 1, hundreds != 11 { return .one }
            return (2...4).contains(tens) && !(12...14).contains(hundreds) ? .few : .many
        case .polish:
            if n == 1 { return .one }
            return (2...4).contains(tens) && !(12...14).contains(hundreds) ? .few : .many
        case .czech: return n == 1 ? .one : (2...4).contains(n) ? .few : .other
        case .hebrew: return n == 1 ? .one : n == 2 ? .two : .other
        }
    }
}
