/// The words of pages and mails in every language that an installation speaks.
///
///     var catalogue = Catalogue()
///     catalogue.add("en", ["courses.seats": [.one: "{count} free seat", .other: "{count} free seats"]])
///     catalogue.add("de", ["courses.seats": [.one: "{count} freier Platz", .other: "{count} freie Plätze"]])
///
/// Words stand in a template as `{{t courses.title}}`, with a number as `{{t courses.seats seatsLeft}}`, with more as
/// `{{t courses.by teacher=teacher.name}}` for `by {teacher}`. They are plain text and escaped when printed.
///
/// A locale is a BCP 47 tag. Words that it lacks come from the same tag with its last part removed (`de-AT`, then `de`),
/// then from ``fallback``, then from the first locale, in alphabetical order, that has them.
public struct Catalogue: Sendable {
    /// What one key says in one language.
    public enum Entry: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
        /// The same words whatever the number.
        case text(String)
        /// Words for each plural form of the language; `other` must be among them, and stands for those that are not.
        case plural([PluralCategory: String])

        /// The same words whatever the number.
        public init(stringLiteral value: String) { self = .text(value) }

        /// Words for each plural form; of two for one form the later counts.
        public init(dictionaryLiteral elements: (PluralCategory, String)...) {
            self = .plural(Dictionary(elements, uniquingKeysWith: { $1 }))
        }
    }

    /// The locale whose words serve where a language has none.
    public let fallback: String
    /// Words by locale (in small letters, with hyphens) and key.
    private(set) var entries: [String: [String: Entry]] = [:]

    /// An empty catalogue.
    public init(fallback: String = "en") { self.fallback = Catalogue.canonical(fallback) }

    /// Adds words; what a key said before in that locale no longer counts.
    public mutating func add(_ locale: String, _ words: [String: Entry]) {
        entries[Catalogue.canonical(locale), default: [:]].merge(words) { $1 }
    }

    /// Adds words as a flat file has them.
    ///
    /// A plural has one key per form, such as `courses.seats.one` and `courses.seats.other`; what is there with `.other`
    /// is a plural.
    public mutating func add(_ locale: String, flat words: [String: String]) {
        var result = words.mapValues { Entry.text($0) }
        for key in words.keys where key.utf8.count > 6 && key.hasSuffix(".other") {
            let base = String(key.dropLast(6))
            guard words[base] == nil else { continue }
            var forms: [PluralCategory: String] = [:]
            for category in PluralCategory.allCases { forms[category] = words["\(base).\(category.rawValue)"] }
            result[base] = .plural(forms)
        }
        add(locale, result)
    }

    /// Adds all words of another catalogue; where both have a key, the other's count.
    public mutating func merge(_ other: Catalogue) {
        for (locale, words) in other.entries { add(locale, words) }
    }

    /// The locales that have words, in alphabetical order, in small letters.
    public var locales: [String] { entries.keys.sorted() }

    /// The keys that some locale has and this one lacks, also after removing parts of its tag, in alphabetical order.
    public func missing(in locale: String) -> [String] {
        let chain = Catalogue.ancestors(Catalogue.canonical(locale))
        return keys.filter { key in !chain.contains { entries[$0]?[key] != nil } }
    }

    /// The words for a locale, as plain text; nil when no locale has that key or a placeholder has nothing to stand there.
    public func words(_ text: Text, locale: String) -> String? {
        words(text, in: chain(Catalogue.canonical(locale)))
    }

    /// The same without words of other languages: nil where the locale, and what its tag derives from, lacks the key.
    package func ownWords(_ text: Text, locale: String) -> String? {
        words(text, in: Catalogue.ancestors(Catalogue.canonical(locale)))
    }

    private func words(_ text: Text, in locales: [String]) -> String? {
        for name in locales {
            guard let entry = entries[name]?[text.key] else { continue }
            let message = TemplateMessage(entry, locale: name, escaped: false)
            var out: [UInt8] = []
            for piece in message.pieces(count: text.count) {
                switch piece {
                case .bytes(let bytes): out += bytes
                case .placeholder("count"):
                    guard let count = text.count else { return nil }
                    out += Array(String(count).utf8)
                case .placeholder(let name):
                    guard let argument = text.arguments.first(where: { $0.name == name }) else { return nil }
                    out += Array(argument.value.utf8)
                }
            }
            return String(decoding: out, as: UTF8.self)
        }
        return nil
    }

    /// Every key, in alphabetical order.
    var keys: [String] { Set(entries.values.flatMap(\.keys)).sorted() }

    /// The locales to ask, in order.
    func chain(_ locale: String) -> [String] { Catalogue.ancestors(locale) + [fallback] + locales }

    /// `zh-hant-tw`, `zh-hant`, `zh`.
    static func ancestors(_ locale: String) -> [String] {
        var parts = locale.split(separator: "-")
        var result: [String] = []
        while !parts.isEmpty {
            result.append(parts.joined(separator: "-"))
            parts.removeLast()
        }
        return result
    }

    /// The names in braces for which something stands, in alphabetical order.
    package static func placeholders(in text: String) -> [String] {
        TemplateMessage(.text(text), locale: "en", escaped: false).placeholders.sorted()
    }

    /// The names of all plural forms.
    package static let pluralForms = PluralCategory.allCases.map(\.rawValue)

    /// The names of the plural forms that a language uses.
    package static func pluralForms(of locale: String) -> [String] {
        PluralRule(language: locale).categories.map(\.rawValue)
    }

    /// The tag in small letters, with hyphens.
    package static func canonical(_ locale: String) -> String {
        String(decoding: locale.lowercased().utf8.map { $0 == 0x5F ? 0x2D : $0 }, as: UTF8.self)
    }
}
