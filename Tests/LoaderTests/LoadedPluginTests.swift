import Foundation
import Kernel
import Lyceum
import Testing

@Suite("A plugin compiled elsewhere")
struct LoadedPluginTests {
    private func contributions<P: Plugin>(_ plugin: P.Type) -> [any Contribution] { P().contributions(P.Settings()) }

    @Test("loads, and is the plugin that its manifest names")
    func loads() throws {
        let plugin = try Loader.load(try Noticeboard.library(), id: "noticeboard")
        #expect(plugin.manifest.id == "noticeboard")
        #expect(plugin.manifest.version == "1.0.0")
    }

    @Test("declares and contributes values of the host's own types")
    func castsWork() throws {
        let plugin = try Loader.load(try Noticeboard.library(), id: "noticeboard")
        #expect(plugin.declarations.contains { $0 is Migrations })
        let permission = try #require(plugin.declarations.lazy.compactMap { $0 as? Permission }.first)
        #expect(permission.id == "noticeboard.notice.post")

        let contributions = contributions(plugin)
        let routes = contributions.compactMap { $0 as? Route }
        #expect(Set(routes.map(\.method)) == [.get, .post])
        #expect(routes.allSatisfy { $0.path == "noticeboard" })
        let listener = try #require(contributions.lazy.compactMap { $0 as? Listener }.first)
        #expect(listener.topic == "courses.enrollment.created")
        #expect(contributions.contains { $0 is PageRoute })
    }

    @Test("loads twice as the same type")
    func loadsTwice() throws {
        let library = try Noticeboard.library()
        let first = try Loader.load(library, id: "noticeboard")
        let second = try Loader.load(library, id: "noticeboard")
        #expect(ObjectIdentifier(first) == ObjectIdentifier(second))
    }

    @Test("is examined without being mapped, and names what it was built against")
    func examined() throws {
        let workshop = try Workshop()
        let copy = try workshop.altered(try Noticeboard.library())
        let examined = try Loader.examine(copy)
        #expect(examined.record == BuildRecord(ownRecord))
        #expect(examined.record.modules.map(\.name) == ["JSON", "Lyceum", "Package.swift", "PostgreSQL"])
        #expect(!isMapped(copy))
    }

    @Test("is found through a symbolic link, and known by its real path")
    func symbolicLink() throws {
        let workshop = try Workshop()
        let copy = try workshop.altered(try Noticeboard.library())
        let link = workshop.folder + "/link.so"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: copy)
        #expect(try Loader.examine(link).file == URL(filePath: copy).resolvingSymlinksInPath().path)
    }

    @Test("that the configuration calls by another id is refused")
    func otherID() throws {
        let library = try Noticeboard.library()
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(library, id: "bulletins") }
        #expect(refusal.code == .otherID)
        #expect(
            refusal.reason
                == "is the plugin noticeboard, and the configuration calls it bulletins; correct the id or the path")
    }
}
