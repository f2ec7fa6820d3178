internal import PostgreSQL

extension DeliveryBooks {
    /// Forgets a listener that nobody has: no enabled plugin, also none that could not be loaded, neither here nor on
    /// another host.
    ///
    /// One that an enabled plugin has for another event than the one of its place is forgotten where it does not serve yet: it
    /// begins anew with that event.
    ///
    /// - Throws: ``Refusal`` that names who has it.
    public func forget(_ listener: String, _ claims: ListenerClaims) throws {
        func refuse(_ reason: String) -> Refusal { Refusal(description: reason, isUnknown: false) }
        let plugin = ListenerClaims.plugin(of: listener)
        let rows = try connection.query("select topic, major from lyceum.cursor where listener = \(listener) limit 1")
        let place: String? = try rows.first.map { row in
            var row = row
            let (topic, major): (String, Int) = (try row.next(), try row.next())
            return "\(topic) v\(major)"
        }
        if let event = claims.declared[listener], event == place {
            throw refuse(
                """
                \(listener) belongs to an enabled plugin; only what no plugin has can be forgotten: disable \(plugin) first
                """)
        }
        guard !claims.served.contains(listener) else {
            throw refuse(
                "\(listener) serves on this host; only what nobody serves can be forgotten: disable \(plugin) first")
        }
        guard !claims.mayBeOfFailed(listener) else {
            throw refuse(
                """
                \(plugin) is enabled and could not be loaded, and \(listener) waits for it: put it right, or disable it first
                """)
        }
        for host in try HostRecord.all(connection) where host.isLive && host.id != claims.host {
            // Where the same version serves, its listeners are those that are known here.
            guard let served = host.plugins.split(separator: ", ").first(where: { $0.hasPrefix(plugin + " ") }),
                !claims.known.contains(String(served))
            else { continue }
            throw refuse("\(host.name) serves \(served), which may have \(listener); bring it up to date first")
        }
        try forget(listener)
    }
}
