import Foundation
import Testing

@Suite("Secrets are named in the configuration, and never written there")
struct SecretTests {
    private func run(_ key: String) throws -> CommandRun {
        let lyceum = try CommandRun()
        let library = CommandRun.products.appending(path: "libLendingOne.so").path
        try lyceum.write("lyceum.yaml", "development: true\nlibraries:\n  lending: \(library)\n")
        try lyceum.region("academy", "  accounts:\n  lending:\n    desk: here\n    key: \(key)\n")
        return lyceum
    }

    private func file(_ lyceum: CommandRun, _ text: String, mode: Int = 0o600) throws {
        try lyceum.write("gate.key", text)
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: lyceum.directory.appending(path: "Config/gate.key").path)
    }

    @Test("one that is written there is refused, and not repeated")
    func written() throws {
        for key in ["hunter2-hunter2", "12345678", "http://hunter2-hunter2"] {
            let answer = try run(key)("check")
            #expect(answer.code == 78)
            #expect(
                answer.errors.contains(
                    "Config/regions/academy.yaml:8: /plugins/lending/key is a secret and may not be written here; name it as "
                        + "file:PATH, env:NAME or credential:NAME (systemd)"), "\(answer.errors)")
            #expect(!answer.errors.contains("hunter2") && !answer.errors.contains("12345678"))
        }
    }

    @Test("a file of its own is read, by its first line; one that everybody can read is refused")
    func files() throws {
        let lyceum = try run("file:gate.key")
        let missing = try lyceum("check")
        #expect(
            missing.code == 78 && missing.errors.contains("names the file gate.key, which cannot be read: No such file")
        )
        try file(lyceum, "open-sesame\nsecond line\n")
        let right = try lyceum("check")
        #expect(right.code == 0, "\(right.errors)")
        // That it was read shows where it is wrong; what it is does not.
        try file(lyceum, "short\n")
        let short = try lyceum("check")
        #expect(short.code == 78 && short.errors.contains("/plugins/lending/key"))
        #expect(!short.errors.contains("\"short\"") && !short.output.contains("open-sesame"))
        try file(lyceum, "open-sesame\n", mode: 0o644)
        let open = try lyceum("check")
        #expect(open.code == 78 && open.errors.contains("which everybody can read; take that away: chmod o= "))
        try file(lyceum, "\n")
        #expect(try lyceum("check").errors.contains("names the file gate.key, which is empty"))
    }

    @Test(
        "variables and credentials of systemd are read; what is missing is named by whoever needs it, and by nobody else"
    )
    func environment() throws {
        let variable = try run("env:GATE_KEY")
        let missing = try variable("check")
        #expect(
            missing.code == 78
                && missing.errors.contains(
                    "names the variable GATE_KEY, which `lyceum serve` does not have in its environment")
        )
        #expect(try variable("plugins").code == 0)
        variable.environment["GATE_KEY"] = "open-sesame"
        #expect(try variable("check").code == 0)

        let credential = try run("credential:gate")
        #expect(try credential("check").errors.contains("the unit needs LoadCredential=gate:/path/of/the/file"))
        let folder = credential.directory.appending(path: "credentials")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "open-sesame".write(to: folder.appending(path: "gate"), atomically: true, encoding: .utf8)
        credential.environment["CREDENTIALS_DIRECTORY"] = folder.path
        #expect(try credential("check").code == 0)
        #expect(try run("credential:../gate")("check").errors.contains("without a path, such as credential:stripe"))
    }
}
