import Lyceum
import Testing

/// Mustache's own specification, version 1.4.2 (https://github.com/mustache/spec), case by case in our words.
///
/// Where this engine is stricter on purpose, a case says what Mustache prints and which error stands in its place: what
/// Mustache leaves out in silence is missing on someone's page, and what it prints unescaped may be an attack.
@Suite("Mustache's specification")
struct SpecificationTests {
    @Test("comments", arguments: Case.comments)
    func comments(_ sample: Case) { hold(sample) }

    @Test("delimiters", arguments: Case.delimiters)
    func delimiters(_ sample: Case) { hold(sample) }

    @Test("interpolation", arguments: Case.interpolation)
    func interpolation(_ sample: Case) { hold(sample) }

    @Test("sections", arguments: Case.sections)
    func sections(_ sample: Case) { hold(sample) }

    @Test("inverted sections", arguments: Case.inverted)
    func inverted(_ sample: Case) { hold(sample) }

    @Test("partials", arguments: Case.partials)
    func partials(_ sample: Case) { hold(sample) }

    @Test("inheritance", arguments: Case.inheritance)
    func inheritance(_ sample: Case) { hold(sample) }

    private func hold(_ sample: Case) {
        let outcome = sample.outcome()
        if let refusal = sample.refusal {
            #expect(outcome.hasPrefix("error: ") && outcome.contains(refusal), "\(outcome)")
        } else {
            #expect(outcome == sample.expected)
        }
    }
}
