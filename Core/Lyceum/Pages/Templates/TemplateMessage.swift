/// What one key says in one language, cut at its placeholders.
struct TemplateMessage: Sendable {
    enum Piece: Sendable, Equatable {
        case bytes([UInt8])
        case placeholder(String)
    }

    /// The locale in which the words were found; that, not the reader's, decides how they count.
    let locale: String
    private let rule: PluralRule
    private let forms: [PluralCategory: [Piece]]
    private let other: [Piece]
    let isPlural: Bool

    /// Cuts words; `escaped` makes them HTML at once, so that it need not be done at each printing.
    init(_ entry: Catalogue.Entry, locale: String, escaped: Bool) {
        self.locale = locale
        rule = PluralRule(language: locale)
        switch entry {
        case .text(let text):
            isPlural = false
            forms = [:]
            other = TemplateMessage.cut(text, escaped)
        case .plural(let texts):
            isPlural = true
            forms = texts.mapValues { TemplateMessage.cut($0, escaped) }
            other = forms[.other] ?? []
        }
    }

    /// The words to print with a number, or without.
    func pieces(count: Int?) -> [Piece] {
        guard isPlural, let count else { return other }
        return forms[rule.category(of: count)] ?? other
    }

    /// Every name that stands in braces in any form.
    var placeholders: Set<String> {
        var names: Set<String> = []
        for piece in forms.values.joined() + other {
            if case .placeholder(let name) = piece { names.insert(name) }
        }
        return names
    }

    /// Cuts at `{name}`, where a name is a letter followed by letters and digits; other braces are themselves.
    private static func cut(_ text: String, _ escaped: Bool) -> [Piece] {
        let bytes = Array(text.utf8)
        var pieces: [Piece] = []
        var from = 0
        func flush(_ end: Int) {
            guard end > from else { return }
            let literal = Array(bytes[from..<end])
            var out: [UInt8] = []
            if escaped {
                literal.withUnsafeBufferPointer { TemplateEscape.append($0, to: &out) }
            } else {
                out = literal
            }
            pieces.append(.bytes(out))
        }
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 0x7B, let end = bytes[index...].firstIndex(of: 0x7D), end > index + 1,
                isName(bytes[(index + 1)..<end])
            else {
                index += 1
                continue
            }
            flush(index)
            pieces.append(.placeholder(String(decoding: bytes[(index + 1)..<end], as: UTF8.self)))
            index = end + 1
            from = index
        }
        flush(bytes.count)
        return pieces
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
        return bytes.first.map(isLetter) == true && bytes.allSatisfy { isLetter($0) || (48...57).contains($0) }
    }
}

/// Every message, in every locale of a catalogue, looked up by the number that its key got when it was loaded.
struct TemplateMessages: Sendable {
    /// The number of each key.
    let numbers: [String: Int]
    /// For each locale, the message of each key; where the locale lacks it, that of the next in its chain.
    private let tables: [String: [TemplateMessage]]
    private let catalogue: Catalogue
    private let last: [TemplateMessage]

    /// - Throws: the first fault of the catalogue itself: a plural without `other`, a form its language never uses.
    init(_ catalogue: Catalogue) throws(TemplateError) {
        let keys = catalogue.keys
        try TemplateMessages.check(catalogue)
        var tables: [String: [TemplateMessage]] = [:]
        for locale in catalogue.locales {
            let own = catalogue.entries[locale] ?? [:]
            let chain = catalogue.chain(locale)
            tables[locale] = keys.compactMap { key in
                if let entry = own[key] { return TemplateMessage(entry, locale: locale, escaped: true) }
                for name in chain {
                    guard let entry = catalogue.entries[name]?[key] else { continue }
                    return TemplateMessage(entry, locale: name, escaped: true)
                }
                return nil
            }
        }
        self.catalogue = catalogue
        self.tables = tables
        numbers = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        last = tables[catalogue.fallback] ?? catalogue.locales.first.flatMap { tables[$0] } ?? []
    }

    /// The messages for a reader's locale.
    func table(_ locale: String) -> [TemplateMessage] {
        if let table = tables[locale] { return table }
        for name in Catalogue.ancestors(Catalogue.canonical(locale)) {
            if let table = tables[name] { return table }
        }
        return last
    }

    /// Calls a function with the message of a key in each locale.
    func everywhere(
        _ number: Int, _ body: (TemplateMessage) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        for locale in catalogue.locales {
            if let message = tables[locale]?[number] { try body(message) }
        }
    }

    private static func check(_ catalogue: Catalogue) throws(TemplateError) {
        for locale in catalogue.locales {
            let allowed = PluralRule(language: locale).categories
            for (key, entry) in (catalogue.entries[locale] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard case .plural(let forms) = entry else { continue }
                let names = allowed.map(\.rawValue).joined(separator: ", ")
                if forms[.other] == nil {
                    throw TemplateError(
                        file: "translations \(locale)", line: 0,
                        message: "'\(key)' has plural forms but lacks 'other'; this language uses \(names)")
                }
                if let odd = forms.keys.map(\.rawValue).sorted().first(where: { name in
                    !allowed.contains { $0.rawValue == name }
                }) {
                    throw TemplateError(
                        file: "translations \(locale)", line: 0,
                        message:
                            "'\(key)' has the plural form '\(odd)', which this language never uses; it uses \(names)")
                }
            }
        }
    }
}
