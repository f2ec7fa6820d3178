import Kernel
import Lyceum
import LyceumTesting
import Testing

@Suite("What is wrong with a job is said when the region is resolved")
struct CheckTests {
    private struct Wrong: Plugin {
        static let manifest = Manifest(id: "wrong", version: "1.0.0")
        static var declarations: [any Declaration] { [] }
        func contributions(_ settings: NoSettings) -> [any Contribution] {
            Job("twice", NoPayload.self) { _, _ in }
            Job("twice", NoPayload.self) { _, _ in }
            Job("Loud", NoPayload.self, attempts: 0) { _, _ in }
            Job("never", at: "0 0 31 2 *") { _ in }
            Job("nowhere", at: Schedule("0 2 * * *", zone: .zone("Europe/Berlln"))) { _ in }
        }
    }

    @Test("a job declared twice, a bad name, a bad schedule and a zone that there is not")
    func sentences() throws {
        var entry = Generation.RegionEntry()
        entry.id = "test"
        entry.plugins = [Generation.PluginEntry(id: "wrong")]
        do {
            _ = try RegionPlan(entry, try Registry([Wrong.self]))
            Issue.record("it was accepted")
        } catch let error as RegionPlanError {
            #expect(
                error.sentences == [
                    "region test: wrong (built in), job twice: it contributes job wrong.twice twice",
                    """
                    region test: wrong (built in), job Loud: the name of a job is up to 60 small letters, digits and hyphens, \
                    beginning with a letter; this is "Loud"
                    """,
                    "region test: wrong (built in), job Loud: a job has at least 1 attempt; this one has 0",
                    """
                    region test: wrong (built in), job never at 0 0 31 2 *: "0 0 31 2 *" never comes: no month among those \
                    given has such a day of the month
                    """,
                    """
                    region test: wrong (built in), job nowhere at 0 2 * * * Europe/Berlln: its zone must be an IANA zone that \
                    this machine knows, such as Europe/Berlin; it is "Europe/Berlln"
                    """,
                ])
        }
    }
}
