extension Catalogue {
    /// What is wrong with the words of languages that are to be complete, a sentence each; the first language decides what there is.
    ///
    /// Of every locale: a key that the first language lacks, another set of placeholders, words that count in one language and not
    /// in the other, and a plural form that the language has and the words lack. Of the languages named: a missing key too.
    ///
    /// - Parameter languages: BCP 47 tags, such as `["en", "de", "ar"]`.
    public func faults(of languages: [String]) -> [String] {
        let languages = languages.map(Catalogue.canonical)
        guard let first = languages.first else { return [] }
        let known = words(of: first)
        var sentences: [String] = []
        for locale in Set(locales + languages).sorted() {
            let own = words(of: locale)
            for key in Set(known.keys).union(own.keys).sorted() {
                switch (known[key], own[key]) {
                case (_?, nil):
                    if languages.contains(locale) { sentences.append("\(locale): '\(key)' is missing") }
                case (nil, _?): sentences.append("\(locale): '\(key)' is not in \(first)")
                case (let known?, let own?):
                    sentences += Catalogue.faults(own, of: key, in: locale, against: known, in: first)
                case (nil, nil): continue
                }
            }
        }
        return sentences
    }

    /// What a locale says, without the flat keys of which plurals were made.
    private func words(of locale: String) -> [String: Entry] {
        let own = entries[locale] ?? [:]
        return own.filter { key, _ in
            guard let dot = key.lastIndex(of: "."),
                PluralCategory(rawValue: String(key[key.index(after: dot)...])) != nil,
                case .plural = own[String(key[..<dot])]
            else { return true }
            return false
        }
    }

    private static func faults(
        _ own: Entry, of key: String, in locale: String, against known: Entry, in first: String
    ) -> [String] {
        let (message, model) = (
            TemplateMessage(own, locale: locale, escaped: false), TemplateMessage(known, locale: first, escaped: false)
        )
        var sentences: [String] = []
        if message.isPlural != model.isPlural {
            sentences.append("\(locale): '\(key)' has \(message.isPlural ? "" : "no ")plural forms, unlike \(first)")
        }
        if message.placeholders != model.placeholders {
            func list(_ names: Set<String>) -> String {
                names.isEmpty ? "no variable" : names.sorted().map { "{\($0)}" }.joined(separator: ", ")
            }
            sentences.append(
                "\(locale): '\(key)' has \(list(message.placeholders)); in \(first) it has \(list(model.placeholders))")
        }
        if case .plural(let forms) = own {
            let wanted = PluralRule(language: locale).categories
            for category in PluralCategory.allCases where (forms[category] != nil) != wanted.contains(category) {
                let has = forms[category] != nil
                sentences.append(
                    "\(locale): '\(key)' \(has ? "has" : "lacks") the plural form '\(category.rawValue)', which this language "
                        + (has ? "never uses" : "uses"))
            }
            // Where a form leaves out the number, it says it in words; what else is mentioned stands in all of them.
            for (category, text) in forms.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let names = TemplateMessage(.text(text), locale: locale, escaped: false).placeholders
                let least = model.placeholders.subtracting(["count"])
                    .union([.few, .many, .other].contains(category) ? model.placeholders : [])
                for name in least.subtracting(names).sorted() {
                    sentences.append("\(locale): the form '\(category.rawValue)' of '\(key)' lacks {\(name)}")
                }
            }
        }
        return sentences
    }
}
