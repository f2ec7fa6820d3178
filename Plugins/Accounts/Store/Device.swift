internal import Lyceum

/// By what somebody signed in, so that they recognise it in the list of their sessions.
struct Device: Sendable {
    /// What the program calls itself; at most 200 characters, because it comes from outside.
    let agent: String?
    let address: String?

    init(_ request: Request) {
        agent = request.header("User-Agent").map { text in
            String(
                String.UnicodeScalarView(
                    text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(200)))
        }
        address = request.remoteAddress
    }
}
