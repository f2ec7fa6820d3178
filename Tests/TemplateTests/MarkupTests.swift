import Foundation
import Lyceum
import LyceumTesting
import Testing

@Suite("Where in a document values may stand")
struct MarkupTests {
    private func fault(_ text: String) -> String? {
        do {
            let other = TemplateSource(name: "other", file: "other", text: "{{x}}")
            _ = try TemplateLibrary([TemplateSource(name: "page", file: "page", text: text), other])
            return nil
        } catch { return "\(error)" }
    }

    @Test(
        "where escaping makes nothing safe, a value is refused with its line",
        arguments: [
            ("<p>\n<a title={{x}}>", "page:2: '{{x}}' is in an attribute without quotes; put quotes around its value"),
            ("<a title=a{{x}}>", "without quotes"),
            ("<a {{x}}>", "'{{x}}' stands between attributes; write one"),
            ("<a {{#x}}{{.}}{{/x}}>", "'{{.}}' stands between attributes"),
            ("<{{x}}>", "stands in the name of an element"),
            ("<h{{x}}>", "stands in the name of an element"),
            ("</{{x}}>", "stands in the name of an element"),
            ("<!doctype {{x}}>", "stands in a declaration"),
            ("<script>let a = \"{{x}}\"</script>", "stands in <script>"),
            ("<SCRIPT type='a'>if (1 < 2) {{x}}", "stands in <script>"),
            ("<style>p { color: {{x}} }</style>", "stands in <style>"),
            ("<script>{{t greeting}}</script>", "stands in <script>"),
            ("<p onclick=\"go('{{x}}')\">", "stands in 'onclick', which is code"),
            ("<p STYLE='color: {{x}}'>", "stands in 'style', which is code"),
            ("<iframe srcdoc=\"{{x}}\">", "stands in 'srcdoc', which is code"),
            ("<a href=\"JavaScript: go('{{x}}')\">", "an address that begins with 'javascript:go("),
            ("<a href=' java\nscript:{{x}}'>", "an address that begins with 'javascript:'"),
            ("<script src=\"{{x}}\"></script>", "says which script runs"),
            ("<p title=\"{{{x}}}\">", "is HTML and stands in the attribute 'title'"),
            ("<p {{> other}}>", "'{{> other}}', another template, stands in a tag"),
            ("<p title=\"{{> other}}\">", "stands in an attribute"),
            ("{{#x}}<p title=\"{{/x}}", "what '{{/x}}' closes began between elements and ends in an attribute"),
            ("<p {{#x}}title={{/x}}\"a\">", "began in a tag and ends in an attribute"),
            ("<p title=\"{{#x}}\" lang=\"{{/x}}\">", "began in an attribute and ends in an attribute"),
            ("<p {{#x}}>{{/x}}", "began in a tag and ends between elements"),
            ("<p class=\"a", "the template ends in an attribute"),
            ("<script>", "the template ends in a script or a style"),
        ])
    func refused(_ text: String, _ sentence: String) {
        #expect(fault(text)?.contains(sentence) == true, "\(text): \(fault(text) ?? "accepted")")
    }

    @Test(
        "everywhere else it may stand",
        arguments: [
            "a < b {{x}} <3 {{x}} <", "<!doctype html><!-- {{x}} --><p title='{{x}}' lang=\"{{x}}\">{{x}}</p>",
            "<option value=\"{{x}}\"{{#x}} selected{{/x}}>", "<option{{#x}} selected{{/x}}{{^x}} disabled{{/x}}>{{x}}",
            "<p class=\"a{{#x}} b{{/x}}\" {{#x}}id=\"{{.}}\"{{/x}}/>{{x}}",
            "<script src=\"/a.js?v={{x}}\"></script>{{x}}",
            "<script>if (a</b>c) {}</scripty></script>{{x}}", "<style>p > a {}</style>{{x}}",
            "<textarea>\n{{x}}</textarea>",
            "<a href = '/a?b={{x}}' title = \"{{x}}\">", "<a data-on=\"{{x}}\" disabled>{{x}}",
            "{{#x}}<b>{{/x}}{{#x}}</b>{{/x}}",
            "<br/>{{x}}<img src=\"/{{x}}.png\" alt=a>{{x}}", "{{> other}}<p>{{> other}}</p>",
        ])
    func accepted(_ text: String) { #expect(fault(text) == nil, "\(text)") }

    @Test(
        "an address that a value begins is followed only where that runs nothing",
        arguments: [
            ("https://example.org/a:b", true), ("HTTP://example.org", true), ("mailto:ada@example.org", true),
            ("tel:+49301234", true), ("/courses", true), ("//example.org", true), ("?a=b:c", true), ("#a:b", true),
            ("a/b:c", true), ("", true), ("javascript:alert(1)", false), ("JaVaScRiPt:alert(1)", false),
            (" javascript:alert(1)", false), ("java\tscript:alert(1)", false), ("\u{1}javascript:alert(1)", false),
            ("data:text/html,<script>alert(1)</script>", false), ("vbscript:x", false), ("blob:x", false),
            ("file:///etc/passwd", false), (":", false),
        ])
    func addresses(_ address: String, _ isFollowed: Bool) throws {
        let library = try TemplateLibrary([
            TemplateSource(name: "page", file: "page", text: "<a href=\"{{#a}}{{x}}{{/a}}\" title=\"{{x}}\">{{x}}</a>")
        ])
        var out: [UInt8] = []
        try library.render("page", ["a": true, "x": .text(address)], into: &out)
        let text = String(decoding: out, as: UTF8.self)
        #expect(text.hasPrefix("<a href=\"about:invalid\" title=") == !isFollowed, "\(text)")
    }

    /// What has broken out of pages elsewhere: marks behind quotes that are one character with them, other ways to write a quote,
    /// elements, addresses, tags of templates.
    private static let hostile = [
        "\"\u{301} onfocus=pwn autofocus x=\"", "'\u{300}><img src=x onerror=pwn>", "\u{600}<script>pwn</script>",
        "</textarea><script>pwn</script>", "</title><svg onload=pwn>", "\u{2028}</script><script>pwn</script>\u{2029}",
        "--><img src=x onerror=pwn><!--", "{{x}}{{{x}}}", "&lt;script&gt;pwn&lt;/script&gt;", "&#60;img src=x&#62;",
        "javascript:pwn", "java\u{0}script:pwn", "\u{202E}<b>pwn</b>", "`onload=pwn`", "\\\"><img src=x onerror=pwn>",
        "<!--<script>", "]]><script>pwn</script>", "\u{FEFF}<iframe srcdoc='<script>pwn</script>'>",
    ]

    @Test(
        "texts that attack pages stay texts in a browser, in every place where they may stand", .timeLimit(.minutes(2)))
    func browser() async throws {
        let library = try TemplateLibrary([
            TemplateSource(
                name: "page", file: "page",
                text: """
                    <!doctype html><meta charset="utf-8"><title>{{title}}</title><!-- {{title}} -->
                    {{#texts}}<section title="{{.}}" data-x='{{.}}' class="a {{.}}"><p>{{.}}</p><textarea>
                    {{.}}</textarea><a href="{{.}}">a</a><a href='/{{.}}'>a</a><input value="{{.}}"></section>{{/texts}}
                    """)
        ])
        var out: [UInt8] = []
        let texts = Self.hostile.map { TemplateValue.text($0) }
        try library.render("page", ["title": .text(Self.hostile[4]), "texts": .list(texts)], into: &out)
        let file = FileManager.default.temporaryDirectory.appending(path: "hostile-\(UUID().uuidString).html")
        let profile = FileManager.default.temporaryDirectory.appending(path: "hostile-\(UUID().uuidString)")
        try Data(out).write(to: file)
        defer {
            try? FileManager.default.removeItem(at: file)
            try? FileManager.default.removeItem(at: profile)
        }
        let browser = Process()
        browser.executableURL = URL(filePath: "/usr/bin/chromium")
        browser.arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(profile.path)", "--dump-dom", file.path,
        ]
        let pipe = Pipe()
        browser.standardOutput = pipe
        browser.standardError = FileHandle.nullDevice
        try browser.run()
        let document = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        browser.waitUntilExit()
        #expect(document.ranges(of: "<section ").count == Self.hostile.count, "\(document)")
        // As the browser writes down what it has understood: no element of theirs, and no attribute.
        let elements = Set(document.matches(of: /<([a-z]+)/).map { String($0.1) })
        #expect(elements == ["html", "head", "meta", "title", "body", "section", "p", "textarea", "a", "input"])
        let tags = document.matches(of: /<[a-z]+((?: [^ =>"]+="[^"]*")*)>/).map { String($0.1) }
        let names = Set(tags.flatMap { $0.matches(of: /\ ([^ =>"]+)="/).map { String($0.1) } })
        #expect(names == ["charset", "title", "data-x", "class", "href", "value"])
        #expect(!document.contains("href=\"java") && document.contains("href=\"about:invalid\""))
    }
}
