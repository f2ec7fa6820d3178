import Foundation
import Testing

@Suite("nginx accepts the configuration")
struct ConfigurationTests {
    @Test("the standalone configuration, filled in, in a directory with a space")
    func standalone() throws {
        let nginx = try Nginx()
        try nginx.fillStandalone()
        let (isValid, output) = try nginx.check()
        #expect(isValid, "\(output)")
        #expect(!output.contains("[emerg]") && !output.contains("conflicting"))
        #expect(
            try String(contentsOfFile: nginx.configuration, encoding: .utf8).range(
                of: "@[A-Z_]+@", options: .regularExpression) == nil, "no placeholder is left")
    }

    @Test("the example of a region with TLS, included by an nginx that serves other things")
    func example() throws {
        let nginx = try Nginx()
        let made = try Nginx.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=academy.example.org",
                "-keyout", nginx.directory + "/privkey.pem", "-out", nginx.directory + "/fullchain.pem",
            ])
        try #require(made.0, "\(made.1)")
        var example = try nginx.text("example-region.conf")
        for (installed, here) in [
            ("/etc/nginx/lyceum/(lyceum-[a-z]+\\.conf)", "\"\(nginx.directory)/files/$1\""),
            ("/etc/letsencrypt/live/academy.example.org/([a-z]+\\.pem)", "\"\(nginx.directory)/$1\""),
            ("/var/log/nginx/lyceum.log", "\"\(nginx.directory)/lyceum.log\""),
            // This machine may have no IPv6, and only root may listen below 1024; nginx -t really binds.
            ("listen \\[::\\]:[^;]*;", ""), ("listen 80;", "listen 127.0.0.1:\(nginx.port);"),
            ("listen 443 ", "listen 127.0.0.1:\(try Nginx.freePort()) "),
            ("listen 127.0.0.1:8081", "listen 127.0.0.1:\(try Nginx.freePort())"),
        ] {
            #expect(
                example.range(of: installed, options: .regularExpression) != nil,
                "the example no longer has \(installed)")
            example = example.replacingOccurrences(of: installed, with: here, options: .regularExpression)
        }
        try """
        pid "\(nginx.directory)/nginx.pid";
        events { }
        http {
            client_body_temp_path "\(nginx.directory)/temp/body";
            fastcgi_temp_path "\(nginx.directory)/temp/fastcgi";
            server { listen 127.0.0.1:\(nginx.port); server_name other.example.org; return 204; }
            \(example)
        }
        """.write(toFile: nginx.configuration, atomically: true, encoding: .utf8)
        let (isValid, output) = try nginx.check()
        #expect(isValid, "\(output)")
    }

    @Test("the socket's path stands in one file, more often than connections are kept, and no server is ever set aside")
    func upstream() throws {
        let nginx = try Nginx()
        for name in ["lyceum-upstream.conf", "standalone.conf"] {
            let lines = try nginx.text(name).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            let servers = lines.filter { $0.hasPrefix("server \"unix:") }
            // A request whose worker dies may be given every connection kept to it before it is given a new one, and again.
            #expect(lines.contains("keepalive \(servers.count - 2);"), "\(name)")
            #expect(Set(servers).count == 1, "\(name)")
            #expect(servers.allSatisfy { $0.hasSuffix(" max_fails=0;") }, "\(name)")
        }
        for name in ["lyceum-http.conf", "lyceum-params.conf", "lyceum-locations.conf"] {
            #expect(try !nginx.text(name).contains("unix:"), "\(name)")
        }
    }
}
