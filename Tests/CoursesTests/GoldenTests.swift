import Courses
import LyceumTesting
import Testing

@Suite("The events of courses stay readable")
struct GoldenTests {
    @Test("for old listeners, and of old events")
    func events() throws {
        try checkGoldenEvents(
            CoursesPlugin.self, in: "../../Plugins/Courses/Golden", hearing: ["../../Plugins/Accounts/Golden"])
    }
}
