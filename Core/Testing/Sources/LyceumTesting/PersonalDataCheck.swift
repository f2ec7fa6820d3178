internal import Kernel
public import Lyceum

/// Makes sure that a plugin says of each of its columns whether it is about people; a line that every plugin's tests have.
///
///     @Test("it says what it holds about people") func personal() async throws {
///         try await checkPersonalData(CoursesPlugin.self, beside: [AccountsPlugin.self])
///     }
///
/// The columns are those that the database's own catalogue has once the plugin is installed.
///
/// - Parameters:
///   - others: the plugins that it needs.
///   - settings: for a plugin's id, its settings as JSON.
/// - Throws: ``PersonalDataMismatch`` with all that is wrong.
public func checkPersonalData(
    _ plugin: any Plugin.Type, beside others: [any Plugin.Type] = [], settings: [String: String] = [:]
) async throws {
    let world = try await TestInstallation(plugins: others + [plugin], settings: settings)
    let faults = try PersonalDataReview(KnownPlugin(plugin)).faults(try world.connection())
    guard faults.isEmpty else { throw PersonalDataMismatch(sentences: faults) }
}

/// What a plugin does not say, or says wrongly, of what it holds about people.
public struct PersonalDataMismatch: Error, CustomStringConvertible {
    /// A sentence for each.
    public let sentences: [String]

    /// The sentences, a line each.
    public var description: String { sentences.joined(separator: "\n") }
}
