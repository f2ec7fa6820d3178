internal import Lyceum

/// The templates and words of a region: the kernel's, its plugins', and its own in the place of theirs.
struct RegionTemplates {
    /// With the region's own.
    let library: TemplateLibrary
    /// Without; nil where the region has none of its own.
    let builtIn: TemplateLibrary?
    let catalogue: Catalogue
    /// What of the region's own is not used, and why.
    let refused: [TemplateError]
    /// The plugins' templates of which no sample can be made, where the region has templates of its own to be checked.
    let untried: [TemplateError]

    /// - Parameter isChecked: whether each override is tried with the samples of all pages that reach it, which takes a while;
    ///   a generation holds none that were refused.
    /// - Throws: a ``TemplateError`` about the plugins' own templates and words.
    init(_ plan: RegionPlan, isChecked: Bool) throws {
        var words = RegionWords(PluginWords.ofPages + ProblemWords.all)
        for (_, translations) in plan.all(Translations.self) { words.add(translations.locale, translations.words) }
        var refused: [TemplateError] = []
        let sources =
            KernelTemplates.all
            + plan.all(Template.self).map {
                TemplateSource(name: $0.value.name, file: $0.value.file, text: $0.value.text)
            }
        let (own, ownWords) = (plan.entry.templates, plan.entry.words)
        guard !own.isEmpty || !ownWords.isEmpty else {
            catalogue = words.catalogue
            library = try TemplateLibrary(sources, catalogue: catalogue)
            (builtIn, self.refused, untried) = (nil, [], [])
            return
        }
        builtIn = try TemplateLibrary(sources, catalogue: words.catalogue)
        for one in ownWords {
            if let fault = words.override(one) { refused.append(fault) }
        }
        catalogue = words.catalogue
        let (samples, unsampled) = isChecked && !own.isEmpty ? Self.samples(plan) : ([:], [])
        untried = unsampled
        library = try TemplateLibrary(
            sources, overrides: own.map { TemplateSource(name: $0.name, file: $0.file, text: $0.text) },
            catalogue: catalogue, samples: samples, common: Self.common)
        self.refused =
            refused
            + zip(library.refusedNames, library.refused).map { name, fault in
                guard let file = own.first(where: { $0.name == name })?.file, file != fault.file else { return fault }
                return TemplateError(file: file, line: 0, message: "another template does not fit it: \(fault)")
            }
    }

    /// For each page whose view's type is known, a value of that type; and the templates whose type refuses samples.
    static func samples(_ plan: RegionPlan) -> (samples: [String: TemplateValue], untried: [TemplateError]) {
        var untried: [TemplateError] = []
        var samples: [String: TemplateValue] = [
            "lyceum.front": ["title": "Academy", "about": "About it."],
            "lyceum.error": [
                "status": 404, "title": "There is nothing here.", "detail": "More of it.", "requestId": "1",
                "faults": ["title is missing"],
            ],
        ]
        for (_, template) in plan.all(Template.self) {
            guard let sample = template.sample else { continue }
            do { samples[template.name] = try sample() } catch {
                untried.append(
                    TemplateError(
                        file: template.file, line: 0,
                        message: "no sample can be made of what \(template.name) prints: \(error)"))
            }
        }
        return (samples, untried)
    }

    /// A value like the one that every page is rendered over.
    static let common: TemplateValue = [
        "page": ["title": "A page"],
        "region": [
            "id": "academy", "title": "Academy", "locale": "en", "direction": "ltr", "isRightToLeft": true,
        ],
        "user": ["name": "Ada"], "csrf": "token", "signIn": "/sign-in", "signOut": "/sign-out", "accountPage": "/me",
        "notice": .null, "refresh": 1, "navigation": [["title": "Courses", "path": "/courses", "current": true]],
        "administration": [["title": "Jobs", "about": "What runs.", "path": "/admin/jobs", "current": true]],
    ]
}

/// Words by language and key, as flat files have them.
struct RegionWords {
    private var byLocale: [(locale: String, words: [String: String])] = []

    init(_ all: [(String, [String: String])]) { for (locale, words) in all { add(locale, words) } }

    mutating func add(_ tag: String, _ words: [String: String]) {
        let locale = Catalogue.canonical(tag)
        guard let index = byLocale.firstIndex(where: { $0.locale == locale }) else {
            return byLocale.append((locale, words))
        }
        byLocale[index].words.merge(words) { $1 }
    }

    /// Puts a region's own words in the place of a plugin's; the answer is why that is not possible, and then nothing has changed.
    mutating func override(_ own: OwnWords) -> TemplateError? {
        func refused(_ sentence: String) -> TemplateError {
            TemplateError(file: own.file, line: own.line, message: sentence)
        }
        let known = byLocale.compactMap { $0.words[own.key] }
        let locale = Catalogue.canonical(own.locale)
        let (base, form) = Self.form(own.key)
        let isPlural = byLocale.contains { $0.words[base + ".other"] != nil && $0.words[base] == nil }
        if let form, isPlural {
            let forms = Catalogue.pluralForms(of: own.locale)
            guard forms.contains(form) else {
                return refused(
                    "'\(own.key)' is a plural form that \(own.locale) never uses; it uses \(forms.joined(separator: ", "))"
                )
            }
        } else if known.isEmpty {
            let keys = byLocale.flatMap(\.words.keys)
            let near = nearest(own.key, keys).map { "; did you mean '\($0)'?" }
            return refused(
                "there are no words '\(own.key)'" + (near ?? "; a region's own stand in the place of its plugins'"))
        }
        let wanted = Set(
            byLocale.flatMap { one in
                one.words.filter { $0.key == own.key || isPlural && form != nil && Self.form($0.key).base == base }
                    .values
                    .flatMap { Catalogue.placeholders(in: $0) }
            })
        if let odd = Catalogue.placeholders(in: own.text).first(where: { !wanted.contains($0) && $0 != "count" }) {
            let names = wanted.sorted().map { "{\($0)}" }.joined(separator: ", ")
            return refused(
                "nothing stands for {\(odd)} in '\(own.key)'"
                    + (names.isEmpty ? "; there is none" : "; there is \(names)"))
        }
        // A language of the region's own begins with what it says, and has other forms of a plural from another.
        if form != nil, isPlural, byLocale.first(where: { $0.locale == locale })?.words[base + ".other"] == nil,
            let other = byLocale.compactMap({ $0.words[base + ".other"] }).first
        {
            add(own.locale, [base + ".other": other])
        }
        add(own.locale, [own.key: own.text])
        return nil
    }

    /// The key without the plural form at its end, and the form.
    private static func form(_ key: String) -> (base: String, form: String?) {
        guard let dot = key.lastIndex(of: ".") else { return (key, nil) }
        let form = String(key[key.index(after: dot)...])
        return Catalogue.pluralForms.contains(form) ? (String(key[..<dot]), form) : (key, nil)
    }

    var catalogue: Catalogue {
        var catalogue = Catalogue()
        for (locale, words) in byLocale { catalogue.add(locale, flat: words) }
        return catalogue
    }
}
