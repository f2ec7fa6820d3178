import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

@Suite("What is held of a person is in the export, and gone when the person is erased")
struct MarkerTests {
    @Test("a marker in each personal column of every plugin")
    func markers() async throws {
        let world = try await MarkerWorld(filling: [MarkerWorld.fill, DiaryPlugin.fill])
        let (planted, empty) = try world.plant()
        #expect(empty.isEmpty, "the test leaves no row of the person in \(empty); it must, to prove anything of them")
        #expect(planted.count > 15)

        let export = try await world.export()
        #expect((try? JSONSerialization.jsonObject(with: Data(export.utf8))) != nil, "\(export)")
        #expect(planted.filter { !$0.isSecret && !$0.isIn(export) }.map(\.column) == [])
        #expect(planted.filter { $0.isSecret && $0.isIn(export) }.map(\.column) == [])
        #expect(export.contains(MarkerWorld.email))
        #expect(export.contains("The law wants bills for ten years."))
        #expect(export.contains("signature="), "the bytes of files are fetched by signed links")
        let before = try world.dump()
        #expect(planted.filter { !$0.isIn(before) }.map(\.column) == [])

        let done = try await world.erase()
        #expect(done.contains { $0.table == "bill" && $0.fate == .anonymised && $0.kept == ["name"] && $0.rows == 1 })
        #expect(done.contains { $0.table == "file" && $0.fate == .removed })
        let after = try world.dump()
        #expect(planted.filter { $0.isIn(after) }.map(\.column) == [])
        #expect(!after.contains(MarkerWorld.email))
        #expect(try world.count("select count(*)::int from diary.bill where name = 'n'") == 1, "what is kept stays")
        #expect(try world.count("select count(*)::int from lyceum.job where job = 'media.remove-bytes'") == 2)

        // What the audit recorded of all that, in rows of the person's and in rows that stand for the person, is unreadable.
        let books = AuditBooks(world.plan, world.connection)
        try books.seal()
        #expect(try books.verify(heads: nil).problems == [])
        var lines = ""
        _ = try books.export(since: nil) { lines += $0 }
        #expect(planted.filter { $0.isIn(lines) }.map(\.column) == [])
        #expect(!lines.contains(MarkerWorld.email))

        let again = try await world.erase()
        #expect(
            again.filter { ($0.fate == .removed || $0.fate == .anonymised) && $0.table != "intervention" }.allSatisfy {
                $0.rows == 0 || $0.rows == nil
            }, "\(again)")
        #expect(
            try world.count("select count(*)::int from lyceum.event where topic = 'accounts.account.erased'") == 1)
    }

    @Test("a column that a plugin forgets is found, by the check and by the marker")
    func forgotten() async throws {
        let error = await #expect(throws: PersonalDataMismatch.self) {
            try await checkPersonalData(ForgetfulPlugin.self)
        }
        #expect(
            error?.description.contains("forgetful: nobody says whether the column bill.phone is about people") == true)

        let world = try await MarkerWorld(
            [MarkerWorld.plugins[0], ForgetfulPlugin.self], filling: [ForgetfulPlugin.fill])
        let (planted, _) = try world.plant()
        _ = try await world.erase()
        let after = try world.dump()
        #expect(planted.filter { $0.isIn(after) }.map(\.column) == ["forgetful.bill.phone"])
    }

    @Test("what a disabled plugin has left is exported and erased too")
    func disabled() async throws {
        let world = try await MarkerWorld(filling: [MarkerWorld.fill, DiaryPlugin.fill])
        var entry = world.world.generation.regions[0]
        entry.plugins.removeAll { $0.id == "diary" || $0.id == "media" }
        let plan = try RegionPlan(entry, try Registry(world.plugins))
        let other = world.with(plan)
        #expect(try await other.export().contains("192.0.2.1"))
        let done = try await other.erase()
        #expect(done.contains { $0.plugin == "diary" && $0.table == "entry" && $0.fate == .removed && $0.rows == 1 })
        #expect(try world.count("select count(*)::int from diary.entry") == 0)
        #expect(try world.count("select count(*)::int from media.file") == 0)

        // One whose program nobody has any more is named.
        let without = try RegionPlan(entry, try Registry(world.plugins.filter { $0.manifest.id != "diary" }))
        #expect(try await world.with(without).export().contains(#""unknown":["diary"]"#))
    }

    @Test("what a plugin that could not be loaded has is named, and stays until it is there again")
    func failed() async throws {
        let world = try await MarkerWorld(filling: [MarkerWorld.fill, DiaryPlugin.fill])
        var entry = world.world.generation.regions[0]
        entry.plugins.removeAll { $0.id == "diary" }
        entry.failed = [Generation.FailedPlugin(id: "diary", reason: "diary.so is no library")]
        let plan = try RegionPlan(entry, try Registry(world.plugins.filter { $0.manifest.id != "diary" }))
        let other = world.with(plan)
        #expect(try await other.export().contains(#""unknown":["diary"]"#))
        let done = try await other.erase()
        #expect(done.contains { $0.plugin == "diary" && $0.fate == .unknown })
        #expect(!done.contains { $0.plugin == "diary" && $0.fate != .unknown })
        #expect(try world.count("select count(*)::int from diary.entry") == 1)
        // Put right, it is erased with the next time.
        _ = try await world.erase()
        #expect(try world.count("select count(*)::int from diary.entry") == 0)
    }
}
