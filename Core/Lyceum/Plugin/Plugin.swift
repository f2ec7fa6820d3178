/// A domain plugin: a value that declares, purely and without I/O, what it adds to the platform.
///
/// The kernel lists, compares, installs and undoes what a plugin declares; so neither ``declarations`` nor
/// ``contributions(_:)`` may read a clock, a file or a database, and both answer the same every time.
///
/// A plugin is used in this order:
/// 1. ``manifest`` is read, and dependencies are resolved per region.
/// 2. ``declarations`` are installed into a region's database by `lyceum migrate`.
/// 3. In every process, for every region that enabled it, the plugin is made by ``init()`` and asked for its
///    ``contributions(_:)`` with that region's settings.
/// 4. Nothing is unloaded: a change of any of this takes new processes (a new generation).
///
///     public struct NewsPlugin: Plugin {
///         public static let manifest = Manifest(id: "news", version: "1.0.0")
///         public static var declarations: [any Declaration] { Migrations(NewsMigrations.all); PersonalData.none }
///         public init() {}
///         public func contributions(_ settings: NoSettings) -> [any Contribution] {
///             Route(.get, "news", .public, NewsRoutes.list)
///         }
///     }
public protocol Plugin: Sendable {
    /// What the region's configuration may say about the plugin; described, defaulted and checked like any ``Input``.
    associatedtype Settings: Input = NoSettings

    /// Who the plugin is and what it needs.
    static var manifest: Manifest { get }

    /// What exists wherever the plugin is installed, whatever its settings: schema, permissions, events it owns.
    @ListBuilder<any Declaration> static var declarations: [any Declaration] { get }

    /// Makes the plugin; called once per process and region.
    init()

    /// What the plugin does in a region that enabled it, given that region's settings.
    @ListBuilder<any Contribution> func contributions(_ settings: Settings) -> [any Contribution]
}

/// The settings of a plugin that has none.
public struct NoSettings: Input {
    /// Makes the only value.
    public init() {}
}

/// Something that exists wherever a plugin is installed, such as its schema or a permission.
///
/// Only the types of this module conform.
public protocol Declaration: Sendable {
    /// One line for `lyceum plugins` and for plans, such as `permission courses.course.edit`.
    var summary: String { get }
}

/// Something that a plugin does in a region that enabled it, such as answering a route.
///
/// Only the types of this module conform.
public protocol Contribution: Sendable {
    /// One line for `lyceum plugins` and for plans, such as `route GET /api/courses`.
    var summary: String { get }
}

/// Collects the elements of a list, with `if`, `else` and `for`.
@resultBuilder
public enum ListBuilder<Element> {
    /// One element.
    public static func buildExpression(_ one: Element) -> [Element] { [one] }
    /// Several elements at once.
    public static func buildExpression(_ several: [Element]) -> [Element] { several }
    /// The elements of a block, in order.
    public static func buildBlock(_ parts: [Element]...) -> [Element] { parts.flatMap { $0 } }
    /// The elements of an `if`, when it holds.
    public static func buildOptional(_ part: [Element]?) -> [Element] { part ?? [] }
    /// The elements of an `if`'s first branch.
    public static func buildEither(first: [Element]) -> [Element] { first }
    /// The elements of an `if`'s second branch.
    public static func buildEither(second: [Element]) -> [Element] { second }
    /// The elements of a loop, in order.
    public static func buildArray(_ parts: [[Element]]) -> [Element] { parts.flatMap { $0 } }
}
