import Foundation
import LyceumTesting
import Testing

extension Generations {
    @Suite("A developer's installation takes up changes by itself")
    struct Develop {
        private func own(_ host: Host, _ text: String) throws {
            let directory = host.directory + "/Config/regions/school/templates"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try host.write("regions/school/templates/accounts.sign-in.mustache", text)
        }

        private static func page(_ words: String) -> String {
            "{{<lyceum.layout}}{{$main}}<p>\(words)</p>{{/main}}{{/lyceum.layout}}\n"
        }

        private func shows(_ host: Host, _ words: String) async throws {
            try await waitUntil("the page says \(words)", within: 60) {
                try await host.client.get("/accounts/sign-in").text.contains("<p>\(words)</p>")
            }
        }

        @Test("a template that is written is shown, a broken one is named while the built-in serves, and pages refresh")
        func templates() async throws {
            let host = try Host(database: nil, workers: 1)
            try host.write(
                "lyceum.yaml",
                """
                development: true
                workers: 1
                limits: {threads: 4, connections: 3, deliveries: 1, jobs: 1}
                libraries: {lending: ../lending.so}

                """)
            try await host.start(["--develop"])
            let first = try await host.client.get("/accounts/sign-in")
            #expect(first.text.contains(#"src="/assets/lyceum/refresh.js?v=1" data-generation="1" defer"#))
            #expect(try await host.client.get("/lyceum/generation").json("generation") as? Int == 1)
            #expect(try await host.client.get("/assets/lyceum/refresh.js").status == 200)

            try own(host, Self.page("One"))
            try await shows(host, "One")
            #expect(host.log.contains("regions/school/templates/accounts.sign-in.mustache changed"))
            #expect(try await host.client.get("/lyceum/generation").json("generation") as? Int ?? 0 > 1)

            // A broken one is refused by itself, and named; its region serves on with the plugin's.
            try own(host, Self.page("{{oops}}"))
            try await waitUntil("the broken one is named", within: 60) {
                host.log.contains("accounts.sign-in.mustache:1: no 'oops' here")
            }
            try await waitUntil("the built-in serves", within: 60) {
                try await host.client.get("/accounts/sign-in").text.contains("name=\"password\"")
            }

            // What cannot be served at all is said, and the old goes on.
            let region = try host.regionFile()
            try host.write("regions/school.yaml", region + "nonsense: 1\n")
            try await waitUntil("the configuration is refused", within: 60) { host.log.contains("nonsense") }
            #expect(try await host.client.get("/accounts/sign-in").status == 200)
            try host.write("regions/school.yaml", region)
            try own(host, Self.page("Two"))
            try await shows(host, "Two")
        }

        @Test("nothing of it is there without --develop, which a production's installation refuses")
        func production() async throws {
            let host = try Host(database: nil, workers: 1)
            let refused = try host("serve", "--develop")
            #expect(
                refused.code == 1 && refused.errors.contains("--develop is for a developer's installation"),
                "\(refused)")
            try await host.start()
            let page = try await host.client.get("/accounts/sign-in")
            #expect(page.status == 200 && !page.text.contains("refresh.js"))
            #expect(try await host.client.get("/lyceum/generation").status == 404)
            try own(host, Self.page("One"))
            try host.done("reload")
            #expect(try await host.client.get("/accounts/sign-in").text.contains("<p>One</p>"))
            #expect(!host.log.contains("changed; the configuration is taken up"))
            // Taken back, with the templates that it had.
            try host.done("rollback")
            #expect(try await host.client.get("/accounts/sign-in").text.contains("name=\"password\""))
        }
    }
}
