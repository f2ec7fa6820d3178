/// What a plugin's library hands to the host that loads it.
///
/// A plugin compiled elsewhere is a dynamic library with one C function, which the host calls once:
///
///     @c(lyceum_plugin)
///     public func lyceumPlugin() -> UnsafeMutableRawPointer { PluginExport.box(NoticeboardPlugin.self) }
///
/// Calling ``box(_:)`` also puts the record of what the plugin was compiled against into the library's own read-only data.
/// The host reads it from the file, and refuses a library that does not fit before any of its code runs.
public final class PluginExport {
    /// The plugin's type, not yet checked to be one.
    package let type: Any.Type
    /// The record that the library carries.
    package let record: StaticString

    private init(type: Any.Type, record: StaticString) { (self.type, self.record) = (type, record) }

    /// The plugin's type as a pointer that C can return; the host takes ownership of it.
    @export(implementation)
    public static func box(_ type: any Plugin.Type) -> UnsafeMutableRawPointer {
        // In the caller's binary, so the text of the record is too.
        box(type, compiledAgainst: LyceumRecord.compiledAgainst())
    }

    /// As ``box(_:)``, with a record given; that is the form compiled into Core.
    @export(interface)
    public static func box(
        _ type: any Plugin.Type, compiledAgainst record: StaticString
    ) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(PluginExport(type: type, record: record)).toOpaque()
    }
}
