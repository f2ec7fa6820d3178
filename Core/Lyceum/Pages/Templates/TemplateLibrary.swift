/// The templates of a region, parsed, with their words found and their partials joined: ready to print.
///
/// The language is Mustache's (https://github.com/mustache/spec, version 1.4.2), with inheritance:
///
/// | tag | meaning |
/// |---|---|
/// | `{{name}}`, `{{a.b}}`, `{{.}}` | the value, escaped |
/// | `{{{name}}}`, `{{&name}}` | a ``RawHTML``, as it is |
/// | `{{#name}}...{{/name}}` | for each of a list; once with an object or any other value that is not false, null, 0, "" |
/// | `{{^name}}...{{/name}}` | when there is none of that |
/// | `{{> name}}` | another template |
/// | `{{< name}}{{$block}}...{{/block}}{{/name}}` | another template, with content for its blocks |
/// | `{{$block}}...{{/block}}` | a block, with what stands there unless content is given |
/// | `{{t key}}`, `{{t key number}}`, `{{t key number name=path}}` | words of the ``Catalogue`` |
/// | `{{! ... }}` | a comment |
/// | `{{=<% %>=}}` | other delimiters, to the end of the template |
///
/// It is stricter than Mustache, because what Mustache leaves out in silence is missing on someone's page:
/// - A name that is not there is an error that says which names are; null prints nothing.
/// - Unescaped output takes the type ``RawHTML`` too. Of plain text, three braces are an error.
/// - A partial, a block given to a parent, or a translation that does not exist is an error when the library is made; so
///   is anything but blocks directly inside a parent.
/// - A block's content sees the blocks of the template that it stands in, not those of the one that prints it.
/// - Nesting ends at 64 tags in a template and at 128 sections, partials and blocks while printing.
///
/// Lambdas and dynamic names are not supported: a template never runs the program's code, and which templates a page
/// needs is known beforehand.
///
/// Escaping makes text safe between tags and in *quoted* attributes. Where it does not (attributes without quotes, `<script>`,
/// `<style>`, `style=`, `on…=`), a value is an error; an address that a value begins is printed only if it is relative or of
/// a scheme that runs nothing, and as `about:invalid` otherwise.
public final class TemplateLibrary: Sendable {
    /// The overrides that were refused, each with the reason; the built-in template is used instead.
    public let refused: [TemplateError]
    /// The names of those overrides, in the same order.
    package let refusedNames: [String]

    let programs: [TemplateProgram]
    let numbers: [String: Int]
    let messages: TemplateMessages
    /// For each template, the number of the template that each of its calls names.
    let targets: [[Int]]
    /// For each template, the number that each of its messages' keys has.
    let keys: [[Int]]

    /// Parses and joins templates.
    ///
    /// An override takes the place of the template of the same name. One that does not parse, names something that does
    /// not exist, or cannot print a sample is refused and listed in ``refused``.
    /// - Parameters:
    ///   - sources: the templates, each name once.
    ///   - overrides: a region's own versions of some of them.
    ///   - catalogue: the words for `{{t key}}` and ``Text``.
    ///   - samples: for each page, a value of the kind it is given, by which overrides are checked.
    ///   - common: a value like the one that pages are rendered `over`, for the same check.
    /// - Throws: the first fault of the sources or of the catalogue.
    public convenience init(
        _ sources: [TemplateSource], overrides: [TemplateSource] = [], catalogue: Catalogue = Catalogue(),
        samples: [String: TemplateValue] = [:], common: TemplateValue = .null
    ) throws(TemplateError) {
        var programs: [TemplateProgram] = []
        var numbers: [String: Int] = [:]
        for source in sources {
            if let other = numbers[source.name] {
                throw TemplateError(
                    file: source.file, line: 0,
                    message: "there is a template '\(source.name)' already, in \(programs[other].file)")
            }
            numbers[source.name] = programs.count
            programs.append(try TemplateParser.parse(source))
        }
        let messages = try TemplateMessages(catalogue)
        var accepted = try TemplateLibrary(programs, numbers, messages)
        var refused: [(name: String, error: TemplateError)] = []
        for source in overrides {
            do throws(TemplateError) {
                let candidate = try accepted.replacing(source)
                for (page, sample) in samples.sorted(by: { $0.key < $1.key }) where candidate.reaches(source.name, page)
                {
                    // What the built-in templates already get wrong is not the override's fault.
                    let known = accepted.check(page, sample, over: common)
                    if let fault = candidate.check(page, sample, over: common).first(where: { !known.contains($0) }) {
                        throw fault
                    }
                }
                accepted = candidate
            } catch {
                refused.append((source.name, error))
            }
        }
        self.init(accepted, refused: refused)
    }

    private init(_ other: TemplateLibrary, refused: [(name: String, error: TemplateError)]) {
        (programs, numbers, messages) = (other.programs, other.numbers, other.messages)
        (targets, keys) = (other.targets, other.keys)
        self.refused = refused.map(\.error)
        refusedNames = refused.map(\.name)
    }

    private init(
        _ programs: [TemplateProgram], _ numbers: [String: Int], _ messages: TemplateMessages
    ) throws(TemplateError) {
        let linker = TemplateLinker(programs: programs, numbers: numbers, messages: messages)
        (targets, keys) = try linker.link()
        (self.programs, self.numbers, self.messages) = (programs, numbers, messages)
        (refused, refusedNames) = ([], [])
    }

    private func replacing(_ source: TemplateSource) throws(TemplateError) -> TemplateLibrary {
        guard let number = numbers[source.name] else {
            throw TemplateError(
                file: source.file, line: 0,
                message: "there is no template '\(source.name)' to override" + Spelling.hint(source.name, known: names))
        }
        var programs = programs
        programs[number] = try TemplateParser.parse(source)
        return try TemplateLibrary(programs, numbers, messages)
    }

    /// Whether printing a page may print another template.
    private func reaches(_ wanted: String, _ page: String) -> Bool {
        guard let wanted = numbers[wanted], let page = numbers[page] else { return false }
        var seen: Set<Int> = [page]
        var open = [page]
        while let next = open.popLast() {
            for target in targets[next] where seen.insert(target).inserted { open.append(target) }
        }
        return seen.contains(wanted)
    }

    /// The names of the templates, in alphabetical order.
    public var names: [String] { numbers.keys.sorted() }

    /// Whether there is a template of that name.
    public func has(_ name: String) -> Bool { numbers[name] != nil }

    /// Prints a template at the end of a buffer, as UTF-8.
    ///
    /// - Parameters:
    ///   - name: the template.
    ///   - value: what it prints.
    ///   - common: what every page knows, such as who is signed in; names that `value` lacks are found here.
    ///   - locale: the reader's language, a BCP 47 tag.
    ///   - limit: when the buffer holds more bytes than this, lists are broken off, and what it holds is of no use.
    ///   - out: the buffer. When something is wrong it is left as it was.
    /// - Throws: the first fault met, with its file and line.
    public func render(
        _ name: String, _ value: TemplateValue, over common: TemplateValue = .null, locale: String = "en",
        limit: Int = .max, into out: inout [UInt8]
    ) throws(TemplateError) {
        _ = try printing(name, value, over: common, locale: locale, limit: limit, into: &out)
    }

    /// The same, and answers which parts of slots were left out.
    package func printing(
        _ name: String, _ value: TemplateValue, over common: TemplateValue, locale: String, limit: Int,
        into out: inout [UInt8]
    ) throws(TemplateError) -> [TemplatePartFailure] {
        let program = try number(name)
        let start = out.count
        var renderer = TemplateRenderer(self, locale: locale, common, value)
        renderer.limit = limit
        do {
            try renderer.run(program, 0, programs[program].instructions.count, &out)
        } catch {
            out.removeLast(out.count - start)
            throw error
        }
        return renderer.failures
    }

    /// Prints a template with any Encodable view; see
    /// ``render(_:_:over:locale:into:)-(_,TemplateValue,_,_,_)``.
    ///
    /// - Throws: a ``TemplateError``, or what the view's own `encode(to:)` throws.
    public func render(
        _ name: String, _ view: some Encodable, over common: TemplateValue = .null, locale: String = "en",
        into out: inout [UInt8]
    ) throws {
        try render(name, TemplateValue(encoding: view), over: common, locale: locale, into: &out)
    }

    func number(_ name: String) throws(TemplateError) -> Int {
        if let number = numbers[name] { return number }
        throw TemplateError(
            file: name, line: 0, message: "there is no template '\(name)'" + Spelling.hint(name, known: names))
    }
}
