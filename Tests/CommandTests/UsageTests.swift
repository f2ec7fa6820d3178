import Testing

@Suite("Commands explain themselves and end with a code that says how it went")
struct UsageTests {
    static let commands = [
        "up", "down", "serve", "check", "plan", "migrate", "reload", "rollback", "regions", "plugins", "routes",
        "generations", "enable", "disable", "demo",
        "user", "jobs",
    ]

    @Test("every command has help with an example", arguments: commands)
    func help(command: String) throws {
        let lyceum = try CommandRun()
        let answer = try lyceum(command, "--help")
        #expect(answer.code == 0)
        #expect(answer.output.contains("Example:\n  lyceum \(command)"))
    }

    @Test("the list of commands names each of them")
    func list() throws {
        let lyceum = try CommandRun()
        let answer = try lyceum("help")
        #expect(answer.code == 0)
        for command in Self.commands { #expect(answer.output.contains("\n  \(command) ")) }
    }

    @Test(
        "wrong usage ends with 64", arguments: [["chekc"], ["check", "--jsn"], ["enable"], ["up", "--port", "70000"]])
    func wrongUsage(words: [String]) throws {
        let lyceum = try CommandRun()
        let answer =
            try words.count == 1
            ? lyceum(words[0])
            : words.count == 2
                ? lyceum(words[0], words[1])
                : lyceum(words[0], words[1], words[2])
        #expect(answer.code == 64)
        #expect(answer.errors.contains("Usage:"))
    }

    @Test("a command that is not there is named with the nearest one and all there are, also below another one")
    func unknownCommand() throws {
        let lyceum = try CommandRun()
        let first = try lyceum("chekc")
        #expect(first.code == 64)
        #expect(first.errors.contains("there is no command `lyceum chekc`; did you mean `lyceum check`?"))
        #expect(first.errors.contains("up, down, serve, check"))
        #expect(!first.errors.contains("prepare"))
        let second = try lyceum("user", "del")
        #expect(second.code == 64)
        #expect(second.errors.contains("there is no command `lyceum user del`"))
        #expect(second.errors.contains("add, list, grant"))
        #expect(try lyceum("jobs", "list", "--help").code == 0)
    }

    @Test("what is quoted in a message commands no terminal")
    func escapes() throws {
        let lyceum = try CommandRun()
        let unknown = try lyceum("routes", "--region", "\u{1b}[31m\u{202e}\u{9b}")
        #expect(unknown.errors.hasPrefix(#"lyceum: there is no region "\u{1b}[31m\u{202e}\u{9b}""#))
        let config = try lyceum("check", "--config", "\u{1b}[31m")
        #expect(config.errors.hasPrefix(#"\u{1b}[31m/lyceum.yaml"#), "\(config.errors)")
        #expect(!unknown.errors.contains("\u{1b}") && !config.errors.contains("\u{1b}"))
    }

    @Test("help says which directories are meant")
    func defaults() throws {
        let lyceum = try CommandRun()
        let words = try lyceum("check", "--help").output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("installation's state. (default: state)"))
        #expect(words.contains("regions/. (default: Config)"))
    }

    @Test("a region that is not there is named with the nearest one")
    func unknownRegion() throws {
        let lyceum = try CommandRun()
        let answer = try lyceum("routes", "--region", "acadmy")
        #expect(answer.code == 1)
        #expect(answer.errors == "lyceum: there is no region \"acadmy\"; did you mean \"academy\"?\n")
    }

    @Test("routes lists every address with who may use it")
    func routes() throws {
        let lyceum = try CommandRun()
        try lyceum.region("studio", "  accounts:\n")
        let academy = try lyceum("routes", "--region", "academy")
        #expect(academy.code == 0)
        #expect(academy.output.contains("/api/courses"))
        let studio = try lyceum("routes", "--region", "studio", "--json")
        #expect(studio.code == 0)
        #expect(studio.output.contains("/accounts/"))
        #expect(!studio.output.contains("courses"))
    }

    @Test("plugins shows a plugin's settings with their defaults")
    func plugins() throws {
        let lyceum = try CommandRun()
        let answer = try lyceum("plugins", "courses")
        #expect(answer.code == 0)
        #expect(answer.output.contains("coursesPerPage (default 12)"))
        #expect(answer.output.contains("accounts 1.0.0 or later"))
    }
}
