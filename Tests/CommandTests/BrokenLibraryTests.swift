import Foundation
import Testing

@Suite("A library that cannot be loaded stops what needs it, and nothing else")
struct BrokenLibraryTests {
    /// Two regions, of which one enables a plugin whose library is not there.
    private func broken() throws -> CommandRun {
        let lyceum = try CommandRun()
        try lyceum.region("store", "  accounts:\n  courses:\n")
        #expect(try lyceum("migrate").code == 0)
        try lyceum.write("lyceum.yaml", "libraries:\n  lending: lending.so\n")
        try lyceum.region("academy", "  accounts:\n  courses:\n  lending:\n")
        return lyceum
    }

    @Test("commands that look, or are about another region, say what is left out and go on")
    func others() throws {
        let lyceum = try broken()
        for words in [
            ["regions"], ["plugins"], ["routes", "--region", "store"], ["deliveries", "list"],
            ["jobs", "list", "--region", "store"], ["user", "list", "--region", "store"],
            ["jobs", "list", "--region", "academy"],
        ] {
            let answer = try lyceum.run(words)
            #expect(answer.code == 0, "\(words): \(answer)")
            #expect(!answer.output.isEmpty)
        }
        let regions = try lyceum("regions")
        #expect(regions.output.contains("store") && regions.output.contains("academy"))
        #expect(
            regions.errors.contains("note: Config/lyceum.yaml:2: /libraries/lending "), "\(regions)"
        )
        #expect(try lyceum("disable", "courses", "--region", "store").code == 0)
        #expect(try lyceum("migrate", "--region", "store").code == 0)
    }

    @Test("what is about that region, or about all, is refused with that reason alone")
    func itself() throws {
        let lyceum = try broken()
        for words in [["check"], ["migrate"], ["plan"], ["disable", "courses", "--region", "academy"]] {
            let answer = try lyceum.run(words)
            #expect(answer.code == 78, "\(words): \(answer)")
            #expect(answer.errors.hasPrefix("Config/lyceum.yaml:2: /libraries/lending "))
            #expect(answer.errors.split(separator: "\n").count == 1, "\(answer)")
        }
    }
}
