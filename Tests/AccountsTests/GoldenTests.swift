import Accounts
import LyceumTesting
import Testing

@Suite("The events of accounts stay readable")
struct GoldenTests {
    @Test("for old listeners, and of old events")
    func events() throws { try checkGoldenEvents(AccountsPlugin.self, in: "../../Plugins/Accounts/Golden") }
}
