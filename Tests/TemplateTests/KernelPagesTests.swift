import Foundation
import Lyceum
import Testing

/// The kernel's own templates, with what its renderer gives them.
///
/// Their words are the kernel's affair: here each key says itself.
@Suite("The kernel's pages")
struct KernelPagesTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Core/Kernel/Pages")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: directory.appending(path: "\(name).mustache"), encoding: .utf8)
    }

    private func library() throws -> TemplateLibrary {
        var catalogue = Catalogue()
        var sources: [TemplateSource] = []
        for name in ["layout", "error", "regions"] {
            let text = try Self.text(name)
            for match in text.matches(of: /\{\{t ([a-z_.]+)(?: id=requestId)?\}\}/) {
                catalogue.add("en", [String(match.1): .text("[\(match.1)]")])
            }
            sources.append(TemplateSource(name: "lyceum.\(name)", file: "\(name).mustache", text: text))
        }
        return try TemplateLibrary(sources, catalogue: catalogue)
    }

    /// What every page knows.
    private func common(user: TemplateValue, rightToLeft: Bool = false) -> TemplateValue {
        [
            "page": ["title": "A <title>"],
            "region": [
                "id": "academy", "title": "Academy", "locale": rightToLeft ? "ar" : "en",
                "direction": rightToLeft ? "rtl" : "ltr", "isRightToLeft": .bool(rightToLeft),
            ],
            "user": user, "csrf": "token", "signIn": "/accounts/sign-in", "signOut": "/accounts/sign-out",
            "accountPage": .null, "notice": .null, "refresh": .null,
            "navigation": [
                ["title": "Courses", "path": "/courses", "current": true],
                ["title": "Mine", "path": "/courses/mine", "current": false],
            ],
        ]
    }

    private let problem: TemplateValue = [
        "status": 404, "title": "There is nothing here.", "detail": "d", "requestId": "id", "faults": ["f"],
    ]

    private func page(_ name: String, _ value: TemplateValue, _ common: TemplateValue) throws -> String {
        let library = try library()
        #expect(library.check(name, value, over: common) == [])
        var out: [UInt8] = []
        try library.render(name, value, over: common, into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test("a guest is offered to sign in, a person to sign out with the session's token")
    func account() throws {
        let guest = try page("lyceum.error", problem, common(user: nil))
        #expect(guest.hasPrefix("<!doctype html>\n<html lang=\"en\" dir=\"ltr\">"))
        #expect(guest.contains("<title>A &lt;title&gt; · Academy</title>"))
        #expect(guest.contains("href=\"/accounts/sign-in\"") && !guest.contains("/accounts/sign-out"))
        let person = try page("lyceum.error", problem, common(user: ["name": "Ada"]))
        #expect(person.contains("action=\"/accounts/sign-out\"") && !person.contains("/accounts/sign-in"))
        #expect(person.contains("name=\"form_token\" value=\"token\""))
    }

    @Test("the current entry of the navigation is marked, and only it")
    func navigation() throws {
        let page = try page("lyceum.error", problem, common(user: nil))
        #expect(page.contains("<a href=\"/courses\" aria-current=\"page\">Courses</a>"))
        #expect(page.contains("<a href=\"/courses/mine\">Mine</a>"))
    }

    @Test("a language that is read from right to left has Bootstrap's file for it")
    func direction() throws {
        let right = try page("lyceum.error", problem, common(user: nil, rightToLeft: true))
        #expect(right.contains("<html lang=\"ar\" dir=\"rtl\">"))
        #expect(right.contains("bootstrap.rtl.min.css") && !right.contains("bootstrap.min.css"))
        let left = try page("lyceum.error", problem, common(user: nil))
        #expect(left.contains("bootstrap.min.css") && !left.contains("bootstrap.rtl.min.css"))
    }

    @Test("the index links to every region")
    func regions() throws {
        let region: TemplateValue = [
            "name": "academy", "title": "Academy", "description": "A school.", "link": "http://academy.localhost/",
            "plugins": [["id": "courses", "version": "1.2.3"]],
        ]
        let page = try page("lyceum.regions", ["regions": [region]], common(user: nil))
        #expect(page.contains("href=\"http://academy.localhost/\">Academy</a>"))
        #expect(page.contains("courses 1.2.3"))
        #expect(!page.contains("[lyceum.regions.none]"))
    }

    @Test("the style sheet breaks a word that is longer than its line, so that no page can be pushed sideways")
    func longWords() throws {
        let file = Self.directory.appending(path: "../../../nginx/assets/lyceum.css").standardized
        let css = try String(contentsOf: file, encoding: .utf8)
        #expect(css.firstMatch(of: /\nbody \{[^}]*overflow-wrap: anywhere;/) != nil)
        // Its version is in its address: browsers keep the file for a year.
        #expect(try Self.text("layout").contains("/assets/lyceum/lyceum.css?v=6"))
    }

    @Test("nothing is inline that the content security policy would refuse")
    func inline() throws {
        for name in ["layout", "error", "regions"] {
            let text = try Self.text(name)
            let inline = /<script(?! src="\/assets\/)|<style|\sstyle=|\son[a-z]+=|javascript:/
            #expect(text.firstMatch(of: inline) == nil, "\(name)")
        }
    }
}
