internal import Kernel
public import Lyceum

/// Holds the words of a plugin's languages against each other; a line that every plugin's tests have.
///
///     @Test("its words are complete") func words() throws { try checkTranslations(CoursesPlugin.self, in: ["en", "de", "ar"]) }
///
/// A word that a language lacks or has too many fails, as do other variables than those of the first language, and plural forms
/// that the language has and its words lack; the sentence names it.
///
/// - Parameters:
///   - languages: BCP 47 tags; the first decides what there is to say.
///   - settings: as JSON, for a plugin that has settings without a default.
/// - Throws: ``TranslationMismatch`` with all that is wrong.
public func checkTranslations(
    _ plugin: any Plugin.Type, in languages: [String], settings: String = "{}"
) throws {
    let faults = try PluginWords.of(plugin, settings: settings).faults(of: languages)
    guard faults.isEmpty else { throw TranslationMismatch(sentences: faults) }
}

/// What is wrong with the words of a plugin.
public struct TranslationMismatch: Error, CustomStringConvertible {
    /// A sentence for each fault, in the order of languages and keys.
    public let sentences: [String]

    /// All of them, a line each.
    public var description: String { sentences.joined(separator: "\n") }
}
