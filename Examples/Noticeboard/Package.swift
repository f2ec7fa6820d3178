// swift-tools-version: 6.2
import PackageDescription

// Copy these: without NonisolatedNonsendingByDefault the compiler of Swift 6.3.1 crashes where a handler becomes a Route.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "Noticeboard",
    // What the operator installs: libNoticeboard.so.
    products: [.library(name: "Noticeboard", type: .dynamic, targets: ["Noticeboard"])],
    // Elsewhere this is the path of a checkout of the platform, of the release that the operator runs.
    dependencies: [.package(path: "../../Core")],
    targets: [
        .target(
            name: "Noticeboard",
            // The product, never a target of it: host and plugin share one libLyceumCore.so.
            dependencies: [.product(name: "LyceumCore", package: "Core")],
            // Compiled in: a bundle beside the library would be looked for beside the host.
            resources: [.embedInCode("Migrations"), .embedInCode("Templates")],
            swiftSettings: strict)
    ])
