internal import Accounts
internal import Audit
internal import Courses
public import Lyceum
internal import Media

/// The plugins that are part of the platform: the only list of them.
public enum FirstParty {
    /// The plugins, in no particular order: dependencies decide.
    public static let plugins: [any Plugin.Type] = [
        AccountsPlugin.self, AuditPlugin.self, CoursesPlugin.self, MediaPlugin.self,
    ]
}
