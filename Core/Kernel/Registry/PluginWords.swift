public import Lyceum

/// The words that the kernel and plugins bring, for looking at them; LyceumTesting's `checkTranslations` does.
public enum PluginWords {
    /// The words of a plugin in all its languages.
    ///
    /// - Parameter settings: as JSON, for a plugin that has settings without a default.
    /// - Throws: an error where the settings do not fit.
    public static func of(_ plugin: any Plugin.Type, settings: String = "{}") throws -> Catalogue {
        var catalogue = Catalogue()
        for contribution in try KnownPlugin(plugin).contributions(settings: settings, Book()) {
            guard let own = contribution as? Translations else { continue }
            catalogue.add(own.locale, flat: own.words)
        }
        return catalogue
    }

    /// The words of every page of the kernel's: layout, messages, faults of forms, the API's description.
    static let ofPages = KernelWords.all + APIWords.all + FaultWords.all

    /// The words of the kernel: of its pages with those of operators, and what pages say of problems, which are written in
    /// English where they are made.
    public static var ofKernel: (pages: Catalogue, problems: Catalogue) {
        var (pages, problems) = (Catalogue(), Catalogue())
        for (locale, words) in ofPages + OperatorWords.all { pages.add(locale, flat: words) }
        for (locale, words) in ProblemWords.all { problems.add(locale, flat: words) }
        return (pages, problems)
    }
}
