import FastCGI
import Foundation
import Glibc
import Kernel
import Testing

@Suite("Limits of the system") struct LimitTests {
    @Test("without a free descriptor arrivals wait, nothing spins, and kept connections are answered")
    func noDescriptor() throws {
        let world = try ProbeWorld()
        let probe = try world.start("--threads", "2", files: 100)
        var clients = try (0..<150).map { _ in try world.client() }
        // 100 files less a dozen of its own are taken, the rest wait in the listener's queue.
        for client in clients { try client.send(FastCGIClient.request("/hello")) }
        var answered: [FastCGIClient] = []
        for client in clients.prefix(60) {
            #expect(try client.answer().status == 200)
            answered.append(client)
        }
        #expect(eventually { world.log.contains("no further connection is taken for now") })
        let before = probe.processorTime
        usleep(1_000_000)
        #expect(probe.processorTime - before < 300)
        for client in answered { #expect(try client.ask("/hello").status == 200) }
        // Each that leaves makes room for one that waits.
        for client in answered { client.hangUp() }
        for client in clients[60..<120] {
            #expect(try client.answer().status == 200)
            client.hangUp()
        }
        for client in clients[120...] { #expect(try client.answer().status == 200) }
        clients.removeAll()
        answered.removeAll()
        #expect(probe.child.stop(SIGTERM) == .exited(0))
    }

    @Test("connections that are handed over wait too, and none is lost") func noDescriptorForHandOver() throws {
        let world = try ProbeWorld()
        let old = try world.start("--threads", "2")
        let clients = try (0..<150).map { _ in try world.client() }
        for client in clients { #expect(try ProbeWorld.process(client) == old.child.id) }
        let small = try world.start("--threads", "2", files: 100)
        old.child.kill(SIGTERM)
        #expect(old.child.wait(atMost: .seconds(10)) == .exited(0))
        #expect(eventually { world.log.contains("no further connection is taken for now") })
        let large = try world.start("--threads", "2")
        for client in clients {
            let process = try ProbeWorld.process(client)
            #expect(process == small.child.id || process == large.child.id)
        }
    }

    @Test("a descriptor that does not listen is refused") func notListening() throws {
        var settings = ServerSettings()
        settings.listener = open("/dev/null", O_RDONLY)
        defer { close(settings.listener) }
        let error = #expect(throws: ServerError.self) { try Server(settings) }
        #expect(error?.description == "descriptor \(settings.listener) is not a listening socket")
    }

    @Test("too few files for its threads are refused") func tooFewFiles() throws {
        let world = try ProbeWorld()
        #expect(throws: FastCGIClient.Failure.self) { try world.start("--threads", "40", files: 100) }
        #expect(world.log == "100 open files are too few for 40 threads; allow at least 145\n")
    }
}
