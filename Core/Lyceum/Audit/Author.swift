internal import JSON
internal import PostgreSQL

/// Who is behind a transaction, as the audit records it.
///
/// It travels with BEGIN, as a setting of the transaction's own, so that triggers find it; no round trip is made for it.
package struct Author: Sendable, Equatable {
    /// By which way something is done.
    package enum Means: String, Sendable {
        case page
        case api
        case command
        case listener
        case job
    }

    /// By which way it is done.
    package var means: Means
    /// The plugin that began it.
    package var plugin = ""
    /// The person who is signed in.
    package var account: RawID?
    /// How the person is called; kept encrypted, as are the address and the program.
    package var name: String?
    /// The network address of the client.
    package var address: String?
    /// What the client says that it is.
    package var agent: String?
    /// Who typed a command, by the operating system's name.
    package var login: String?
    /// The listener or job.
    package var work: String?
    /// The event whose listener it is.
    package var event: Int64?
    /// The request's id.
    package var request: String?
    /// The trace's id.
    package var trace: String?

    package init(_ means: Means) { self.means = means }

    /// Whoever sent a request.
    package init(_ request: Request, _ principal: Principal?, plugin: String) {
        means = request.isForPage ? .page : .api
        self.plugin = plugin
        (account, name) = (principal?.id, principal?.name)
        (address, agent) = (request.remoteAddress, request.header("User-Agent"))
        self.request = request.requestID.map { String(cString: $0) }
        trace = request.trace?.traceID
    }

    /// As the setting has it, bounded: a stranger chooses what the client says that it is.
    package var text: String {
        let out = JSONWriter(capacity: 512)
        out.openObject()
        func add(_ key: StaticString, _ value: String?, most: Int = 200) {
            guard let value, !value.isEmpty else { return }
            out.key(key)
            out.string(String(value.unicodeScalars.prefix(most).filter { $0 != "\0" }.map(Character.init)))
        }
        add("means", means.rawValue)
        add("plugin", plugin)
        add("account", account.map { "\($0)" })
        add("name", name)
        add("address", address)
        add("agent", agent, most: 300)
        add("login", login)
        add("work", work)
        add("event", event.map { "\($0)" })
        add("request", request)
        add("trace", trace)
        out.closeObject()
        return out.text
    }

    /// What each of its transactions begins with.
    package var command: String { "select set_config('lyceum.actor', \(quoted(literal: text)), true)" }
}
