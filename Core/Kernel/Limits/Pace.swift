internal import Glibc
internal import Lyceum

/// A rate limit as a region has it: what its plugin declares, with the region's own numbers.
struct Pace: Sendable {
    /// With the plugin's id: `accounts.sign-in`.
    let name: String
    let quota: Int
    let seconds: Int
    let subject: RateLimit.Subject
    /// What tells it apart in the shared memory, where limits of all regions lie.
    private let digested: [UInt8]

    /// Nil where the region lifts it.
    init?(_ limit: RateLimit, plugin: String, _ entry: Generation.RegionEntry) {
        name = plugin + "." + limit.name
        subject = limit.subject
        digested = Array("\(entry.id)\0\(name)".utf8)
        let own = entry.api.limits.first { [name] in $0.name == name } ?? entry.api.limits.first { $0.name == "*" }
        (quota, seconds) = (own?.requests ?? limit.quota, own?.seconds ?? limit.seconds)
        if quota == 0 { return nil }
    }

    /// Counts a request.
    func take(_ board: RateBoard, _ request: Request, _ principal: Principal?, now: UInt64) -> RateBoard.Left {
        var who: [UInt8]
        if subject == .user, let principal {
            who = Array("user \(principal.id)".utf8)
        } else {
            who = Pace.network(request.remoteAddress ?? "")
        }
        who.append(0)
        return board.take(board.key(digested, who), quota: quota, seconds: seconds, now: now)
    }

    /// What an address counts as: one of IPv4 by itself, also where IPv6 carries it, one of IPv6 with its 64 bits of network.
    static func network(_ address: String) -> [UInt8] {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var six = in6_addr()
        guard inet_pton(AF_INET6, address, &six) == 1 else { return Array(address.utf8) }
        let bytes = withUnsafeBytes(of: six) { Array($0) }
        let carried: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        return Array(bytes.starts(with: carried) ? bytes[12...] : bytes[..<8])
    }

    /// The header fields of draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4.
    static func describe(_ list: [(pace: Pace, left: RateBoard.Left)], to response: Response) {
        guard !list.isEmpty else { return }
        response.add(
            header: "RateLimit-Policy",
            list.map { "\"\($0.pace.name)\";q=\($0.pace.quota);w=\($0.pace.seconds)" }.joined(separator: ", "))
        response.add(
            header: "RateLimit",
            list.map { "\"\($0.pace.name)\";r=\($0.left.requests);t=\($0.left.reset)" }.joined(separator: ", "))
    }
}
