// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
let core: Target.Dependency = .product(name: "LyceumCore", package: "Core")

/// A plugin: what others may import, and the rest.
///
/// Templates and migrations are files, compiled in. Golden/ has the shapes of its events, which its tests hold fast.
func plugin(_ name: String, uses contracts: Target.Dependency...) -> [Target] {
    [
        .target(
            name: name + "Contract", dependencies: [core] + contracts, path: name + "/Contract", swiftSettings: strict),
        .target(
            name: name, dependencies: [core, .target(name: name + "Contract")] + contracts, path: name,
            exclude: ["Contract", "Golden"],
            resources: [.embedInCode("Pages/Templates"), .embedInCode("Migrations")],
            swiftSettings: strict),
    ]
}

let package = Package(
    name: "Plugins",
    products: [
        .library(
            name: "LyceumPlugins", type: .dynamic,
            targets: [
                "AccountsContract", "Accounts", "CoursesContract", "Courses", "MediaContract", "Media", "FirstParty",
            ])
    ],
    dependencies: [.package(path: "../Core")],
    targets: plugin("Accounts") + plugin("Courses", uses: "AccountsContract")
        + plugin("Media", uses: "AccountsContract") + [
            .target(
                name: "FirstParty", dependencies: [core, "Accounts", "Courses", "Media"], path: "FirstParty",
                swiftSettings: strict)
        ])
