import Foundation
import Testing

@Suite("An installation is migrated, decided about and filled from the command line")
struct InstallationTests {
    @Test("migrating makes the cluster and what the plugins declare, and a second time nothing")
    func migrateTwice() throws {
        let lyceum = try CommandRun()
        let before = try lyceum("plan")
        #expect(before.code == 0)
        #expect(before.output.contains("database lyceum_academy"))
        #expect(!FileManager.default.fileExists(atPath: lyceum.directory.appending(path: "state").path))
        let first = try lyceum("migrate")
        #expect(first.code == 0, "\(first.errors)")
        #expect(first.output.contains("listener courses.count-learners begins from now"))
        let second = try lyceum("migrate")
        #expect(second.code == 0)
        #expect(second.output == "nothing to do\n")
        let after = try lyceum("plan")
        #expect(after.output == "nothing to do\n")
        #expect(try lyceum("plan", "--json").output == "[\n\n]\n")
    }

    @Test("disabling is refused while another plugin needs it, recorded otherwise, and undone by enabling")
    func decide() throws {
        let lyceum = try CommandRun()
        try lyceum.region("studio", "  accounts:\n")
        #expect(try lyceum("migrate").code == 0)

        let refused = try lyceum("disable", "accounts", "--region", "academy")
        #expect(refused.code == 1)
        #expect(refused.errors.contains("accounts cannot be disabled in academy: courses requires it"))

        #expect(try lyceum("disable", "courses", "--region", "academy").code == 0)
        #expect(try lyceum("disable", "courses", "--region", "academy").output == "courses is not enabled in academy\n")
        // Only a database that answers has decisions; a plan is made where it does.
        let list = try lyceum("plan", "--json")
        #expect(list.code == 0)
        #expect(try lyceum("disable", "accounts", "--region", "academy").code == 0)
        let early = try lyceum("enable", "courses", "--region", "academy")
        #expect(early.code == 1)
        #expect(early.errors.contains("requires accounts"))
        #expect(try lyceum("enable", "accounts", "--region", "academy").code == 0)
        #expect(try lyceum("enable", "courses", "--region", "academy").code == 0)

        let added = try lyceum("enable", "courses", "--region", "studio")
        #expect(added.code == 0, "\(added.errors)")
        #expect(added.output.contains("courses: roles and schema"))
        let known = try lyceum("enable", "curses", "--region", "studio")
        #expect(known.code == 1)
        #expect(known.errors.contains("did you mean \"courses\"?"))
        #expect(try lyceum("disable", "courses", "--region", "studio").code == 0)
        #expect(try lyceum("plugins", "courses", "--region", "studio").output.contains("in studio"))
        #expect(try lyceum("plugins", "courses", "--region", "studio").output.contains("not enabled"))
    }

    @Test("example data goes in once, and accounts are made, listed and given roles")
    func people() throws {
        let lyceum = try CommandRun()
        let early = try lyceum("demo")
        #expect(early.code == 1)
        #expect(early.errors.contains("run `lyceum up` or `lyceum migrate` first"))
        #expect(try lyceum("migrate").code == 0)
        let filled = try lyceum("demo")
        #expect(filled.code == 0)
        #expect(filled.output.contains("academy  courses   filled"), "\(filled.output)")
        let already = try lyceum("demo")
        #expect(already.code == 0)
        #expect(already.output.contains("academy  courses   has it already"), "\(already.output)")
        try lyceum.write("password", "correct horse battery staple\n")
        let add = [
            "user", "add", "--region", "academy", "--email", "lin@example.org", "--password-file", "Config/password",
        ]
        let added = try lyceum(add[0], add[1], add[2], add[3], add[4], add[5], add[6], add[7], "--role", "student")
        #expect(added.code == 0, "\(added.errors)")
        let again = try lyceum(add[0], add[1], add[2], add[3], add[4], add[5], add[6], add[7])
        #expect(again.code == 1)
        #expect(again.errors.hasPrefix("lyceum: There is an account with this e-mail address already."))
        let misspelt = try lyceum(
            "user", "grant", "--region", "academy", "--email", "lin@example.org", "--role", "amin")
        #expect(misspelt.code == 1)
        #expect(
            misspelt.errors == """
                lyceum: there is no role "amin" in academy; did you mean "admin"? The roles are admin, instructor, student

                """)
        #expect(try lyceum(add[0], add[1], add[2], add[3], add[4], "x@y", add[6], add[7], "--role", "amin").code == 1)
        let wrong = try lyceum(add[0], add[1], add[2], add[3], add[4], "nobody", add[6], add[7])
        #expect(wrong.errors.hasPrefix("lyceum: --email must be"))
        #expect(
            try lyceum("user", "grant", "--region", "academy", "--email", "lin@example.org", "--role", "admin").code
                == 0)
        let list = try lyceum("user", "list", "--region", "academy")
        #expect(list.output.split(separator: "\n").count == 5)

        let export = try lyceum("user", "export", "--region", "academy", "LIN@example.org")
        #expect(
            export.output.contains(#""format":"lyceum.personal-data""#) && export.output.contains("lin@example.org"))
        #expect(!export.output.contains("argon2id"))
        let full = try lyceum.run(["user", "export", "--region", "academy", "lin@example.org"], to: "/dev/full")
        #expect(full.code == 1)
        #expect(full.errors.contains("standard output cannot be written: No space left on device"), "\(full.errors)")
        let unsure = try lyceum("user", "erase", "--region", "academy", "lin@example.org")
        #expect(unsure.code == 64 && unsure.errors.contains("add --yes to confirm it"), "\(unsure)")
        #expect(unsure.output.contains("accounts.account") && unsure.output.contains("Jobs name people by ids"))
        let erased = try lyceum("user", "erase", "--region", "academy", "lin@example.org", "--yes")
        #expect(erased.code == 0 && erased.output.contains("lin@example.org was erased in academy"), "\(erased)")
        #expect(try lyceum("user", "list", "--region", "academy").output.split(separator: "\n").count == 4)
        let gone = try lyceum("user", "export", "--region", "academy", "lin@example.org")
        #expect(gone.code == 1 && gone.errors.hasPrefix("lyceum: There is no account of lin@example.org."))
    }
}
