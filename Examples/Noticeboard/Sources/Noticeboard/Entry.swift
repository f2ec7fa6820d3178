internal import Lyceum

/// What the host calls once, when it has found that this library was built against the contract it has itself.
@c(lyceum_plugin)
public func lyceumPlugin() -> UnsafeMutableRawPointer {
    PluginExport.box(NoticeboardPlugin.self, LyceumRecord.compiledAgainst())
}
