import Foundation
import Glibc
import Kernel
import Testing

@Suite("The listening socket") struct ListeningSocketTests {
    private static func refusal(_ source: ListeningSocket.Source) -> String? {
        do {
            _ = try ListeningSocket(source)
            return nil
        } catch { return error.description }
    }

    @Test("is made for its owner and group alone") func mode() throws {
        let world = try SupervisedWorld()
        let socket = try ListeningSocket(.path(world.socket, group: getgid()))
        var file = stat()
        #expect(lstat(world.socket, &file) == 0)
        #expect(file.st_mode & 0o7777 == 0o660)
        #expect(fcntl(socket.descriptor, F_GETFD) == FD_CLOEXEC)
        _ = try world.client()
    }

    @Test("replaces a stale one, not one at which somebody answers") func stale() throws {
        let world = try SupervisedWorld()
        do {
            let first = try ListeningSocket(.path(world.socket))
            #expect(
                Self.refusal(.path(world.socket))
                    == "another process answers at \(world.socket); stop it, or name another path")
            _ = first.descriptor
        }
        #expect(FileManager.default.fileExists(atPath: world.socket))
        let second = try ListeningSocket(.path(world.socket))
        _ = try world.client()
        _ = second.descriptor
    }

    @Test("never removes a file that is not a socket") func file() throws {
        let world = try SupervisedWorld()
        try Data("precious".utf8).write(to: URL(fileURLWithPath: world.socket))
        #expect(
            Self.refusal(.path(world.socket))
                == "\(world.socket) exists and is not a socket; remove it, or name another path")
        #expect(try String(contentsOfFile: world.socket, encoding: .utf8) == "precious")
    }

    @Test("has a path of 1 to 107 bytes in a directory that is there") func path() throws {
        let world = try SupervisedWorld()
        let longest = world.directory + "/" + String(repeating: "x", count: 106 - world.directory.utf8.count)
        #expect(Self.refusal(.path(longest)) == nil)
        let long = longest + "x"
        #expect(Self.refusal(.path(long)) == "the socket's path may have 1 to 107 bytes; \(long) has 108")
        #expect(
            Self.refusal(.path(world.directory + "/none/web.sock"))
                == "the socket's directory \(world.directory)/none/ cannot be opened: No such file or directory")
    }

    @Test("may be a descriptor, if that listens") func descriptor() throws {
        let null = open("/dev/null", O_RDONLY)
        defer { close(null) }
        #expect(Self.refusal(.descriptor(null)) == "descriptor \(null) is not a listening socket")
    }
}
