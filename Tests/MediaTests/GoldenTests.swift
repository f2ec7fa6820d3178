import LyceumTesting
import Media
import Testing

@Suite("The events of files stay readable")
struct GoldenTests {
    @Test("for old listeners, and of old events")
    func events() throws { try checkGoldenEvents(MediaPlugin.self, in: "../../Plugins/Media/Golden") }
}
