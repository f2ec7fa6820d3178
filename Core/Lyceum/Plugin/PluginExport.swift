/// What a plugin's library hands to the host that loads it.
///
/// A plugin compiled elsewhere is a dynamic library with one C function, which the host calls once:
///
///     @c(lyceum_plugin)
///     public func lyceumPlugin() -> UnsafeMutableRawPointer {
///         PluginExport.box(NoticeboardPlugin.self, LyceumRecord.compiledAgainst())
///     }
///
/// The second argument is text that the compiler puts into the library's own read-only data. The host reads it from the
/// file, and refuses a library that was built against another contract before any of its code runs.
public final class PluginExport {
    /// The plugin's type, not yet checked to be one.
    package let type: Any.Type
    /// The record that the library carries.
    package let record: StaticString

    private init(type: Any.Type, record: StaticString) { (self.type, self.record) = (type, record) }

    /// The plugin's type as a pointer that C can return; the host takes ownership of it.
    ///
    /// It is not inlined into the plugin: a plugin that brought its own copy of Core is found out by the cast in the host.
    @export(interface)
    public static func box(_ type: any Plugin.Type, _ record: StaticString) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(PluginExport(type: type, record: record)).toOpaque()
    }
}
