import Lyceum
import Testing

/// A template with what it must print, or with what is wrong with it.
struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let value: TemplateValue
    let template: String
    let partials: [String: String]
    let expected: String
    /// Words of the error where this engine is stricter than Mustache; `expected` is then what Mustache prints.
    let refusal: String?

    init(
        _ name: String, _ value: TemplateValue, _ template: String, with partials: [String: String] = [:],
        prints expected: String, refused refusal: String? = nil
    ) {
        (self.name, self.value, self.template, self.partials) = (name, value, template, partials)
        (self.expected, self.refusal) = (expected, refusal)
    }

    init(
        _ name: String, _ template: String, with partials: [String: String] = [:], prints expected: String,
        refused refusal: String? = nil
    ) {
        self.init(name, [:], template, with: partials, prints: expected, refused: refusal)
    }

    var testDescription: String { name }

    /// Prints the template; of an error its description.
    func outcome() -> String {
        do throws(TemplateError) {
            return try render(template, value, with: partials)
        } catch {
            return "error: \(error)"
        }
    }
}

/// Prints a template with partials, in a library of their own.
func render(
    _ template: String, _ value: TemplateValue = [:], with partials: [String: String] = [:],
    catalogue: Catalogue = Catalogue(), locale: String = "en"
) throws(TemplateError) -> String {
    var sources = [TemplateSource(name: "main", file: "main.mustache", text: template)]
    for (name, text) in partials { sources.append(TemplateSource(name: name, file: "\(name).mustache", text: text)) }
    var out: [UInt8] = []
    try TemplateLibrary(sources, catalogue: catalogue).render("main", value, locale: locale, into: &out)
    return String(decoding: out, as: UTF8.self)
}

/// The error that something throws; fails the comparison that follows when it throws none.
func fault(_ body: () throws(TemplateError) -> String) -> String {
    do throws(TemplateError) {
        return "no error, but \(try body())"
    } catch {
        return error.description
    }
}
