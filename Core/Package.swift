// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// One dynamic library: executables, plugins and tests must share one copy of these modules, or casts between them fail.
let package = Package(
    name: "Core",
    products: [
        .library(
            name: "LyceumCore", type: .dynamic,
            targets: ["FastCGI", "PostgreSQL", "JSON", "Lyceum", "Kernel"])
    ],
    targets: [
        .target(name: "CFastCGI", path: "CFastCGI", linkerSettings: [.linkedLibrary("fcgi")]),
        .systemLibrary(name: "CPostgreSQL", path: "CPostgreSQL", pkgConfig: "libpq"),
        .systemLibrary(name: "CJansson", path: "CJansson", pkgConfig: "jansson"),
        .systemLibrary(name: "CSodium", path: "CSodium", pkgConfig: "libsodium"),
        .target(name: "FastCGI", dependencies: ["CFastCGI"], path: "FastCGI", swiftSettings: strict),
        .target(name: "PostgreSQL", dependencies: ["CPostgreSQL"], path: "PostgreSQL", swiftSettings: strict),
        .target(name: "JSON", dependencies: ["CJansson"], path: "JSON", swiftSettings: strict),
        .target(
            name: "Lyceum", dependencies: ["CSodium", "JSON", "PostgreSQL"], path: "Lyceum", swiftSettings: strict,
            plugins: ["Fingerprint"]),
        .target(
            name: "Kernel", dependencies: ["FastCGI", "JSON", "Lyceum", "PostgreSQL"], path: "Kernel",
            resources: [.embedInCode("Pages")], swiftSettings: strict, plugins: ["Fingerprint"]),
        // Puts into every binary a record of the sources it was built against; see Kernel/Loader.
        .plugin(
            name: "Fingerprint", capability: .buildTool(), path: "Plugins/Fingerprint", exclude: ["fingerprint.sh"]),
    ])
