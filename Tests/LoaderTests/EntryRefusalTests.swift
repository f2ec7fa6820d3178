import Kernel
import Testing

/// Here the record fits, so the library is opened and its constructor runs: the control of `RecordRefusalTests`.
@Suite("A library that fits but is no plugin is refused once it is open")
struct EntryRefusalTests {
    @Test("when it lacks the function")
    func noEntry() throws {
        let workshop = try Workshop()
        let (path, mark) = try workshop.library(record: ownRecord)
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .noEntry)
        #expect(refusal.reason.contains("@c(lyceum_plugin)"))
        #expect(mark.isSet)
    }

    @Test("when the function returns nothing")
    func returnsNothing() throws {
        let workshop = try Workshop()
        let (path, _) = try workshop.library(record: ownRecord, code: "void *lyceum_plugin(void) { return 0; }")
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .notAPlugin)
    }

    @Test("when something that it needs is missing")
    func notLoadable() throws {
        let workshop = try Workshop()
        let (path, mark) = try workshop.library(
            record: ownRecord,
            code: "void nobody_has_this(void); void *lyceum_plugin(void) { nobody_has_this(); return 0; }")
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .notLoadable)
        #expect(refusal.reason.hasPrefix("cannot be loaded: undefined symbol: nobody_has_this"))
        #expect(!mark.isSet)
    }
}
