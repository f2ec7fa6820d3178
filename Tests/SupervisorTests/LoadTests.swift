import Foundation
import Glibc
import Kernel
import Testing

@Suite("Behind nginx") struct LoadTests {
    /// nginx in front of a supervisor, and the load generator.
    private final class Front {
        let world: SupervisedWorld
        let port: Int
        private let nginx: Child

        init(_ world: SupervisedWorld) throws {
            self.world = world
            port = try Self.freePort()
            let directory = world.directory
            let user = getuid() == 0 ? "user root;" : ""
            let configuration = """
                \(user) daemon off; worker_processes 2; pid \(directory)/nginx.pid; error_log \(directory)/nginx.log;
                events { worker_connections 512; }
                http {
                    access_log off;
                    client_body_temp_path \(directory)/body; fastcgi_temp_path \(directory)/fastcgi;
                    proxy_temp_path \(directory)/proxy;
                    uwsgi_temp_path \(directory)/uwsgi; scgi_temp_path \(directory)/scgi;
                    upstream web {
                        server unix:\(world.socket) max_fails=0;
                        server unix:\(world.socket) max_fails=0;
                        keepalive 16;
                        keepalive_requests 100000000;
                        keepalive_timeout 5s;
                    }
                    server {
                        listen 127.0.0.1:\(port);
                        keepalive_requests 1000000;
                        client_max_body_size 10m;
                        location / {
                            include /etc/nginx/fastcgi_params;
                            fastcgi_keep_conn on;
                            fastcgi_pass web;
                        }
                    }
                }
                """
            try configuration.write(toFile: directory + "/nginx.conf", atomically: true, encoding: .utf8)
            nginx = try Child(
                "/usr/sbin/nginx", ["-p", directory, "-e", directory + "/nginx.log", "-c", directory + "/nginx.conf"],
                errors: .nowhere)
            let port = port
            guard eventually(10, { Self.connects(to: port) }) else {
                throw FastCGIClient.Failure("nginx does not start; is it installed?")
            }
        }

        deinit { _ = nginx.stop(SIGTERM) }

        private static func address(_ port: Int) -> sockaddr_in {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            return address
        }

        private static func with(_ port: Int, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(socket) }
            var address = address(port)
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }

        private static func connects(to port: Int) -> Bool { with(port) { connect($0, $1, $2) } == 0 }

        private static func freePort() throws -> Int {
            for _ in 0..<100 {
                let port = Int.random(in: 20_000..<32_000)
                if with(port, { bind($0, $1, $2) }) == 0 { return port }
            }
            throw FastCGIClient.Failure("no free port")
        }

        /// Compiles the load generator, and starts it.
        func load(_ arguments: String...) throws -> Child {
            let source = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Serving/load.c").path
            let program = world.directory + "/load"
            if !FileManager.default.fileExists(atPath: program) {
                let compiled = try Child.run("cc", ["-O2", "-pthread", "-o", program, source])
                guard compiled.status.success else { throw FastCGIClient.Failure(compiled.complaint) }
            }
            return try Child(
                program, ["\(port)"] + arguments, output: .file(world.directory + "/said"),
                errors: .file(world.directory + "/said"))
        }

        var said: String { (try? String(contentsOfFile: world.directory + "/said", encoding: .utf8)) ?? "" }
    }

    @Test("no request is lost while generations follow each other under load", .timeLimit(.minutes(1)))
    func reloads() throws {
        let world = try SupervisedWorld()
        var web = SupervisedWorld.web
        web.arguments += ["--threads", "8"]
        let spec = GenerationSpec(web: web, webProcesses: 2)
        try world.start(spec)
        #expect(world.serves(1))
        let front = try Front(world)
        let load = try front.load("4", "24", "-a", "5", "-w", "1", "-f", "3000")
        var generation = 1
        while load.status() == nil {
            generation += 1
            world.reload(.success(spec))
            #expect(world.serves(generation))
            usleep(200_000)
        }
        #expect(load.wait() == .exited(0))
        #expect(front.said.hasPrefix("ok "))
        #expect(front.said.contains(" failed 0 "))
        #expect(generation > 4)
        #expect(try String(contentsOfFile: world.directory + "/errors", encoding: .utf8) == "")
        #expect(world.stop() == .stopped)
    }

    @Test("a full stop under load ends without a failed answer and without the deadline", .timeLimit(.minutes(1)))
    func fullStop() throws {
        let world = try SupervisedWorld()
        try world.start(GenerationSpec(web: SupervisedWorld.web, webProcesses: 2))
        #expect(world.serves(1))
        let front = try Front(world)
        let load = try front.load("2", "8")
        usleep(700_000)
        world.request(.stop)
        #expect(world.ended() == .stopped)
        _ = load.wait()
        // What came after the end was refused (502); what was taken was answered.
        let complaints = front.said.split(separator: "\n").filter { $0.contains("failed after") }
        #expect(complaints.allSatisfy { $0.hasSuffix("status 502") })
        #expect(try String(contentsOfFile: world.directory + "/errors", encoding: .utf8) == "")
        let log = try String(contentsOfFile: world.directory + "/nginx.log", encoding: .utf8)
        #expect(!log.contains("prematurely closed"))
        #expect(!log.contains("reset by peer"))
    }
}
