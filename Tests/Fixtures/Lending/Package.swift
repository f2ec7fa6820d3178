// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A release of the plugin, in a library of its own, as a third party ships it.
func release(_ name: String) -> Target {
    .target(name: name, dependencies: [.product(name: "LyceumCore", package: "Core")], swiftSettings: strict)
}

let package = Package(
    name: "Lending",
    products: [
        .library(name: "LendingOne", type: .dynamic, targets: ["LendingOne"]),
        .library(name: "LendingTwo", type: .dynamic, targets: ["LendingTwo"]),
    ],
    dependencies: [.package(path: "../../../Core")],
    targets: [release("LendingOne"), release("LendingTwo")])
