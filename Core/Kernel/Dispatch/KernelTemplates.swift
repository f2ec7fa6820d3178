internal import Lyceum

/// The templates that every region has: the layout around each page, and the page of a problem.
enum KernelTemplates {
    static let all = [
        source("layout", PackageResources.layout_mustache),
        source("error", PackageResources.error_mustache),
        source("api", PackageResources.api_mustache),
        source("front", PackageResources.front_mustache),
        source("regions", PackageResources.regions_mustache),
    ]

    private static func source(_ name: String, _ bytes: [UInt8]) -> TemplateSource {
        TemplateSource(name: "lyceum." + name, file: "Kernel/Pages/\(name).mustache", bytes: bytes)
    }
}
