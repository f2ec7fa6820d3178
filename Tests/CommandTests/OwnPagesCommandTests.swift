import Foundation
import Testing

@Suite("A region's own templates and words are files beside its configuration")
struct OwnPagesCommandTests {
    private func own(_ lyceum: CommandRun, _ name: String, _ text: String) throws {
        let file = lyceum.directory.appending(path: "Config/regions/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static let mine = "{{<lyceum.layout}}{{$main}}Mine{{/main}}{{/lyceum.layout}}\n"

    @Test("check tries them with samples, and names each that is broken with file and line")
    func check() throws {
        let lyceum = try CommandRun()
        // As editors on other systems end lines; and an empty one, which hides what the plugin's prints.
        try own(lyceum, "academy/templates/courses.mine.mustache", Self.mine.replacing("\n", with: "\r\n"))
        try own(lyceum, "academy/templates/lyceum.interventions.mustache", "")
        try own(lyceum, "academy/words/de.yaml", "courses.nav.catalogue: Kurse bei uns\r\n")
        let right = try lyceum("check")
        #expect(right.code == 0, "\(right.errors)")
        try own(
            lyceum, "academy/templates/courses.course.mustache",
            "{{<lyceum.layout}}{{$main}}\n{{titel}}{{/main}}{{/lyceum.layout}}")
        try own(lyceum, "academy/templates/courses.mien.mustache", "x")
        try FileManager.default.removeItem(
            at: lyceum.directory.appending(path: "Config/regions/academy/templates/lyceum.interventions.mustache"))
        try own(lyceum, "academy/templates/notes.txt", "x")
        try own(lyceum, "academy/templates/.courses.mine.mustache.swp", "x")
        try own(lyceum, "academy/template/courses.mine.mustache", "x")
        try own(lyceum, "academy/words/de.yaml", "courses.nav.catalogue: Kurse bei uns\ncourses.nav.catalog: Kurse\n")
        try own(lyceum, "academy/words/en.yaml", "courses:\n  nav: x\n")
        try own(lyceum, "academy/templates/courses.edit.mustache", "a\nb \u{202E} c")
        let wrong = try lyceum("check")
        #expect(wrong.code == 78)
        for sentence in [
            "Config/regions/academy/templates/courses.course.mustache:2: no 'titel' here; did you mean 'title'?",
            "Config/regions/academy/templates/courses.mien.mustache: there is no template 'courses.mien' to override",
            "Config/regions/academy/templates/notes.txt: a template of the region's own is called as the plugin's",
            "Config/regions/academy/template: a region has the directories templates and words of its own, no other",
            "Config/regions/academy/words/de.yaml:2: there are no words 'courses.nav.catalog'; did you mean",
            "Config/regions/academy/words/en.yaml:1: each line is a key and its words",
            "Config/regions/academy/templates/courses.edit.mustache:2: there is a control character here",
        ] { #expect(wrong.errors.contains(sentence), "\(sentence)\n\(wrong.errors)") }
        #expect(wrong.errors.split(separator: "\n").count == 7, "\(wrong.errors)")
    }

    @Test("a directory that belongs to no region is refused")
    func stray() throws {
        let lyceum = try CommandRun()
        try own(lyceum, "acadmey/templates/courses.mine.mustache", Self.mine)
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(
            answer.errors.contains(
                "Config/regions/acadmey: the directory belongs to no region, because there is no acadmey.yaml"))
    }

    @Test("a plan lists what is new, changed and gone, and says what is refused")
    func plan() throws {
        let lyceum = try CommandRun()
        #expect(try lyceum("migrate").code == 0)
        // Nothing has ever served, so a plan compares with what is decided; two outlines tell what differs.
        try own(lyceum, "academy/templates/courses.mine.mustache", Self.mine)
        try own(lyceum, "academy/templates/courses.course.mustache", "{{titel}}")
        let prepared = try lyceum("prepare")
        #expect(prepared.code == 0, "\(prepared.errors)")
        #expect(
            prepared.errors.contains("courses.course.mustache:1: no 'titel' here")
                && prepared.errors.contains("the plugin's own is used"), "\(prepared.errors)")
        let directory = prepared.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let outline = try String(contentsOfFile: directory + "/outline.json", encoding: .utf8)
        #expect(outline.contains("courses.mine") && !outline.contains("\"courses.course\""))
        try FileManager.default.createDirectory(
            at: lyceum.directory.appending(path: "state/run"), withIntermediateDirectories: true)
        try "1\n".write(
            to: lyceum.directory.appending(path: "state/generations/served"), atomically: true, encoding: .utf8)
        try own(lyceum, "academy/templates/courses.mine.mustache", Self.mine + "\n")
        try FileManager.default.removeItem(
            at: lyceum.directory.appending(path: "Config/regions/academy/templates/courses.course.mustache"))
        try own(lyceum, "academy/words/de.yaml", "courses.nav.catalogue: Kurse bei uns\n")
        let plan = try lyceum("plan")
        #expect(
            plan.output
                == "academy\n  ~ template courses.mine becomes another\n  + words de is new: 1 of the region's own\n",
            "\(plan)")
    }
}
