/// Something that one plugin does for others, named in its contract.
///
///     extension Service where Value == any UserDirectory {
///         public static let userDirectory = Service("accounts.user_directory")
///     }
public struct Service<Value: Sendable>: Sendable {
    /// `plugin.service`.
    public let id: String

    /// Names a service; the id must begin with the id of the plugin that offers it.
    public init(_ id: String) { self.id = id }
}

/// Offers a ``Service`` to the other plugins of the region.
public struct Offer: Contribution {
    package let service: String
    package let value: any Sendable

    /// Offers a value for a service.
    public init<Value>(_ service: Service<Value>, _ value: Value) { (self.service, self.value) = (service.id, value) }

    /// `service accounts.user_directory`.
    public var summary: String { "service \(service)" }
}

/// The services that a region's plugins offer.
package final class ServiceTable: Sendable {
    private let offers: [String: (plugin: String, value: any Sendable)]

    package init(_ offers: [String: (plugin: String, value: any Sendable)]) { self.offers = offers }

    package func find<Value>(_ service: Service<Value>) -> (plugin: String, value: Value)? {
        guard let offer = offers[service.id], let value = offer.value as? Value else { return nil }
        return (offer.plugin, value)
    }
}
