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
/// One that owns no tables has neither migrations nor, as here, events.
func plugin(_ name: String, uses contracts: Target.Dependency..., ownsTables: Bool = true) -> [Target] {
    [
        .target(
            name: name + "Contract", dependencies: [core] + contracts, path: name + "/Contract", swiftSettings: strict),
        .target(
            name: name, dependencies: [core, .target(name: name + "Contract")] + contracts, path: name,
            exclude: ["Contract"] + (ownsTables ? ["Golden"] : []),
            resources: [.embedInCode("Pages/Templates")] + (ownsTables ? [.embedInCode("Migrations")] : []),
            swiftSettings: strict),
    ]
}

let package = Package(
    name: "Plugins",
    products: [
        .library(
            name: "LyceumPlugins", type: .dynamic,
            targets: [
                "AccountsContract", "Accounts", "AuditContract", "Audit", "CoursesContract", "Courses", "MediaContract",
                "Media",
                "FirstParty",
            ])
    ],
    dependencies: [.package(path: "../Core")],
    targets: plugin("Accounts") + plugin("Audit", uses: "AccountsContract", "CoursesContract", ownsTables: false)
        + plugin("Courses", uses: "AccountsContract") + plugin("Media", uses: "AccountsContract") + [
            .target(
                name: "FirstParty", dependencies: [core, "Accounts", "Audit", "Courses", "Media"], path: "FirstParty",
                swiftSettings: strict)
        ])
