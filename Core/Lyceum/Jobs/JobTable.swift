/// The jobs that a region's plugins declare, and what each is told: so that a wrong name fails where it is queued.
package struct JobTable: Sendable {
    package struct Key: Hashable, Sendable {
        package let plugin: String
        package let id: String
        package init(plugin: String, id: String) { (self.plugin, self.id) = (plugin, id) }
    }
    private let payloads: [Key: ObjectIdentifier]

    package init(_ payloads: [Key: ObjectIdentifier] = [:]) { self.payloads = payloads }

    /// - Throws: ``MisuseError`` when the plugin has no such job, or one that is told something else.
    func check<Payload>(_ plugin: String, _ id: String, _ payload: Payload.Type) throws {
        guard let declared = payloads[Key(plugin: plugin, id: id)] else {
            let own = payloads.keys.filter { $0.plugin == plugin }.map(\.id).sorted()
            throw MisuseError(
                "\(plugin) has no job \"\(id)\"; "
                    + (own.isEmpty ? "it contributes none" : "its jobs are \(own.joined(separator: ", "))"))
        }
        guard declared == ObjectIdentifier(payload) else {
            throw MisuseError("the job \(plugin).\(id) is told something else than a \(payload)")
        }
    }
}
