internal import Lyceum

/// The templates of the plugin's pages.
enum MediaTemplates {
    static let all: [any Contribution] = [
        Template("media.files", file: path("files"), PackageResources.files_mustache, of: FilePages.View.self),
        Template("media.upload", file: path("upload"), PackageResources.upload_mustache, of: FilePages.Begun.self),
        Template("media.usage", file: path("usage"), PackageResources.usage_mustache, of: UsagePage.View.self),
    ]

    private static func path(_ name: String) -> String { "Media/Pages/Templates/\(name).mustache" }
}
