internal import Lyceum

/// The templates of the plugin's pages.
enum MediaTemplates {
    static let all: [any Contribution] = [
        Template("media.files", file: path("files"), PackageResources.files_mustache),
        Template("media.upload", file: path("upload"), PackageResources.upload_mustache),
        Template("media.usage", file: path("usage"), PackageResources.usage_mustache),
    ]

    private static func path(_ name: String) -> String { "Media/Pages/Templates/\(name).mustache" }
}
