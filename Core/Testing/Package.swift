// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// A package of its own on Core's product: a target of Core's package would be linked into tests a second time.
let package = Package(
    name: "LyceumTesting",
    products: [.library(name: "LyceumTesting", targets: ["LyceumTesting"])],
    dependencies: [.package(name: "Core", path: "..")],
    targets: [
        .target(
            name: "LyceumTesting", dependencies: [.product(name: "LyceumCore", package: "Core")],
            swiftSettings: strict)
    ])
