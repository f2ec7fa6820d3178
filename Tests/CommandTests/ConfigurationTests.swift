import Testing

@Suite("What is wrong with the configuration is named with file and line")
struct ConfigurationTests {
    @Test("a correct configuration is in order")
    func correct() throws {
        let lyceum = try CommandRun()
        let answer = try lyceum("check")
        #expect(answer.code == 0)
        #expect(answer.output.contains("academy: accounts 1.1.0, courses 1.0.0"))
        #expect(answer.errors.isEmpty)
    }

    @Test("a misspelt setting is named with its line and the nearest one there is")
    func misspeltSetting() throws {
        let lyceum = try CommandRun()
        try lyceum.region("academy", "  accounts:\n  courses:\n    coursesPerPgae: 5\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(
            answer.errors == """
                Config/regions/academy.yaml:7: /plugins/courses/coursesPerPgae is no key here; \
                did you mean "coursesPerPage"?

                """)
    }

    @Test("a misspelt key of a region is named, also one that holds a mapping by free names")
    func misspeltKey() throws {
        let lyceum = try CommandRun()
        try lyceum.write("regions/store.yaml", "titel: Store\ncurrency: EUR\nplugin:\n  accounts:\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(
            answer.errors.contains(
                "Config/regions/store.yaml:1: /titel is no key here; did you mean \"title\", which is required?"))
        #expect(
            answer.errors.contains(
                "Config/regions/store.yaml:3: /plugin is no key here; did you mean \"plugins\"?"))
    }

    @Test("all mistakes of all files are told at once")
    func allAtOnce() throws {
        let lyceum = try CommandRun()
        try lyceum.write("lyceum.yaml", "limits:\n  threads: many\nwokers: 3\n")
        try lyceum.region("academy", "  accounts:\n    sessionHours: 100000\n")
        try lyceum.write("regions/broken.yaml", "title: [\n")
        let answer = try lyceum("check", "--json")
        #expect(answer.code == 78)
        #expect(answer.output.contains("\"line\" : 2"))
        #expect(answer.output.contains("/limits/threads must be a whole number, not text"))
        #expect(answer.output.contains("did you mean \\\"workers\\\"?"))
        #expect(answer.output.contains("this is not YAML"))
    }

    @Test("limits that do not fit each other are told, each with its line and the other's name")
    func limits() throws {
        let lyceum = try CommandRun()
        try lyceum.write(
            "lyceum.yaml",
            """
            limits:
              threads: 8
              regionThreads: 9
              requestMilliseconds: 10000
              hookMilliseconds: 10001
              responseBites: 1
            """)
        let typo = try lyceum("check")
        #expect(typo.code == 78)
        #expect(
            typo.errors.contains(
                "Config/lyceum.yaml:6: /limits/responseBites is no key here; did you mean \"responseBytes\"?")
        )
        try lyceum.write(
            "lyceum.yaml",
            """
            limits:
              threads: 8
              regionThreads: 9
              requestMilliseconds: 10000
              hookMilliseconds: 10001
              drainSeconds: 9
            """)
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        for sentence in [
            "3: /limits/regionThreads must be at most threads (8); it is 9",
            "5: /limits/hookMilliseconds must be at most requestMilliseconds (10000); it is 10001",
            "/limits/statementMilliseconds must be at most requestMilliseconds (10000); it is 15000",
            "6: /limits/drainSeconds must be at least requestMilliseconds (10000)",
        ] {
            #expect(answer.errors.contains(sentence), "\(answer.errors)")
        }
    }

    @Test("limits that leave others without use are told with their own lines, what only nginx decides is a note")
    func limitsOfOthers() throws {
        let lyceum = try CommandRun()
        try lyceum.write("lyceum.yaml", "limits:\n  threads: 4\n  connections: 6\n  deliveries: 7\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(
            answer.errors == """
                Config/lyceum.yaml:3: /limits/connections must be at most threads (4); it is 6
                Config/lyceum.yaml:4: /limits/deliveries must be at most connections (6); it is 7

                """)
        try lyceum.write("lyceum.yaml", "limits:\n  requestMilliseconds: 100000\n  drainSeconds: 100\n")
        let patient = try lyceum("check")
        #expect(patient.code == 0)
        #expect(
            patient.output.contains(
                "note: requestMilliseconds is 100000, but nginx, as it comes with Lyceum, waits 60 s"))
    }

    @Test("values are told to be of the wrong kind, with their lines")
    func wrongValues() throws {
        let lyceum = try CommandRun()
        try lyceum.write(
            "regions/academy.yaml",
            """
            title: 2024
            currency: EURO
            timeZone: Europe/Berlyn
            countries: [DE, Austria]
            home: courses
            plugins:
              accounts: yes please
            """)
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        for line in [1, 2, 7] { #expect(answer.errors.contains("Config/regions/academy.yaml:\(line): ")) }
    }

    @Test("rules between fields are told once each field is right")
    func rules() throws {
        let lyceum = try CommandRun()
        try lyceum.write(
            "regions/academy.yaml",
            "title: A\ncurrency: EUR\ntimeZone: Europe/Berlyn\ncountries: [DE, Austria]\nhome: courses\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(answer.errors.contains("academy.yaml:3: /timeZone must be an IANA zone"))
        #expect(answer.errors.contains("academy.yaml:4: /countries must be codes of two capital letters"))
        #expect(answer.errors.contains("academy.yaml:5: /home must be a path"))
    }

    @Test(
        "a home that no plugin of the region has is named with those there are", arguments: ["/nirgends", "/courses"])
    func home(page: String) throws {
        let lyceum = try CommandRun()
        try lyceum.write(
            "regions/academy.yaml", "title: A\ncurrency: EUR\nhome: \(page)\nplugins:\n  accounts:\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(answer.errors.hasPrefix("Config/regions/academy.yaml:3: /home must be a page of a plugin"))
        #expect(
            answer.errors.contains(
                "There are /, /accounts/data, /accounts/data/export, /accounts/invitation, "))
        try lyceum.write(
            "regions/academy.yaml",
            "title: A\ncurrency: EUR\nhome: /courses\nplugins:\n  accounts:\n  courses:\n")
        #expect(try lyceum("check").code == 0)
    }

    @Test(
        "an origin is written as browsers send it, once, and * stands alone",
        arguments: [
            "https://app.example.org/", "https://App.example.org", "http://app.example.org",
            "https://app.example.org:443",
            "app.example.org", "https://*.example.org", "'null'", "https://a b.org", "https://app.example.org, '*'",
            "https://a.org, https://a.org", "https://user@a.org", "https://a.org:0", "https://a..org", "'https://'",
        ])
    func origins(_ origins: String) throws {
        let lyceum = try CommandRun()
        let rest = "title: Store\ncurrency: EUR\nplugins:\n  accounts:\n"
        try lyceum.write("regions/store.yaml", "api:\n  origins: [\(origins)]\n" + rest)
        let answer = try lyceum("check")
        #expect(
            answer.code == 78 && answer.errors.contains("Config/regions/store.yaml:2: /api/origins must"),
            "\(answer.errors)")
    }

    @Test("good origins and other numbers for limits are in order; a limit that no route has is named")
    func apiSettings() throws {
        let lyceum = try CommandRun()
        func write(_ limit: String) throws {
            try lyceum.write(
                "regions/store.yaml",
                """
                title: Store
                currency: EUR
                plugins:
                  accounts:
                api:
                  origins: [https://app.example.org, "http://localhost:5173", "https://[2001:db8::1]:8443"]
                  limits:
                    - {name: \(limit), requests: 10, seconds: 60}
                    - {name: "*", requests: 0}

                """)
        }
        try write("accounts.sign-in")
        #expect(try lyceum("check").code == 0)
        try write("accounts.sing-in")
        let answer = try lyceum("check")
        #expect(answer.code == 78 && answer.errors.contains("did you mean \"accounts.sign-in\"?"), "\(answer.errors)")
    }

    @Test("NO is the country and not a false")
    func norway() throws {
        let lyceum = try CommandRun()
        try lyceum.write("regions/academy.yaml", "title: A\ncurrency: NOK\ncountries: [NO]\n")
        #expect(try lyceum("check").code == 0)
    }

    @Test("a key that occurs twice is refused")
    func twice() throws {
        let lyceum = try CommandRun()
        try lyceum.write("regions/academy.yaml", "title: A\ncurrency: EUR\ntitle: B\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(answer.errors.contains("\"title\" occurs twice"))
    }

    @Test("an unknown plugin is named with the nearest one and its line")
    func unknownPlugin() throws {
        let lyceum = try CommandRun()
        try lyceum.region("academy", "  accounts:\n  curses:\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(answer.errors.hasPrefix("Config/regions/academy.yaml:6: region academy enables the plugin \"curses\""))
        #expect(answer.errors.contains("did you mean \"courses\"?"))
    }

    @Test("a plugin whose requirement is not enabled names both sides")
    func missingRequirement() throws {
        let lyceum = try CommandRun()
        try lyceum.region("academy", "  courses:\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(answer.errors.contains("academy.yaml:5: region academy enables courses 1.0.0, which requires accounts"))
    }

    @Test("files that are no regions are named")
    func strangeFiles() throws {
        let lyceum = try CommandRun()
        try lyceum.write("regions/store.yml", "title: A\n")
        try lyceum.write("regions/My Store.yaml", "title: A\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(answer.errors.contains("Config/regions/store.yml: regions are files that end in .yaml"))
        #expect(answer.errors.contains("Config/regions/My Store.yaml: a region's name is"))
    }

    @Test("a missing configuration is named")
    func missing() throws {
        let lyceum = try CommandRun()
        let answer = try lyceum("check", "--config", "nowhere")
        #expect(answer.code == 78)
        #expect(answer.errors.contains("nowhere/lyceum.yaml: the file cannot be read: No such file or directory"))
    }

    @Test("a library that is not there is refused with its path and line")
    func library() throws {
        let lyceum = try CommandRun()
        try lyceum.write("lyceum.yaml", "libraries:\n  noticeboard: plugins/libNoticeboard.so\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(answer.errors.contains("Config/lyceum.yaml:2: /libraries/noticeboard "))
        #expect(answer.errors.contains("Config/plugins/libNoticeboard.so"))
    }

    @Test("two regions may not share a database")
    func sharedDatabase() throws {
        let lyceum = try CommandRun()
        try lyceum.write("regions/a.yaml", "title: A\ncurrency: EUR\ndatabase: host=/tmp dbname=one\n")
        try lyceum.write("regions/b.yaml", "title: B\ncurrency: EUR\ndatabase: host=/tmp dbname=one\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(answer.errors.contains("b.yaml:3: /database names the database of the region a too"))
    }
}
