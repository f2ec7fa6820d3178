// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// Everything uses the nested packages' dynamic products: a target of the same package would be linked in a second time.
let core = Target.Dependency.product(name: "LyceumCore", package: "Core")
let plugins = Target.Dependency.product(name: "LyceumPlugins", package: "Plugins")
let testing = Target.Dependency.product(name: "LyceumTesting", package: "Testing")

/// A suite of tests in Tests/; it may use everything that a plugin's tests may.
func suite(_ name: String, _ more: Target.Dependency..., libraries: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: [core, plugins, testing] + more, path: "Tests/\(name)", swiftSettings: strict,
        linkerSettings: libraries.map { .linkedLibrary($0) })
}

let package = Package(
    name: "Lyceum",
    products: [
        .executable(name: "lyceum", targets: ["Command"]),
        .executable(name: "lyceum-worker", targets: ["Worker"]),
        .executable(name: "lyceum-media", targets: ["lyceum-media"]),
    ],
    dependencies: [
        .package(path: "Core"),
        .package(path: "Core/Testing"),
        .package(path: "Plugins"),
        .package(path: "Tests/Fixtures/Lending"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .executableTarget(
            name: "Command",
            dependencies: [
                core, plugins, .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            path: "Command", swiftSettings: strict),
        .executableTarget(name: "Worker", dependencies: [core, plugins], path: "Worker", swiftSettings: strict),
        // What looks into files from strangers, for the plugin media: no process that serves links these libraries.
        .systemLibrary(name: "CMagic", path: "MediaTool/CMagic", pkgConfig: "libmagic"),
        .target(
            name: "CVips", path: "MediaTool/CVips",
            linkerSettings: [
                .linkedLibrary(":libvips.so.42"), .linkedLibrary(":libgobject-2.0.so.0"),
                .linkedLibrary(":libglib-2.0.so.0"),
            ]),
        .executableTarget(
            name: "lyceum-media", dependencies: ["CMagic", "CVips"], path: "MediaTool",
            exclude: ["CMagic", "CVips"], swiftSettings: strict),

        // Processes that tests start: a web process without plugins, and a supervisor of such.
        .executableTarget(
            name: "fastcgi-probe", dependencies: [core], path: "Tests/Serving/Probe", swiftSettings: strict),
        .executableTarget(
            name: "supervise-probe", dependencies: [core], path: "Tests/Serving/Supervise", swiftSettings: strict),
        // A worker with a plugin that records what it is told, impatient with failures, and one whose work is measured.
        .target(name: "Recorder", dependencies: [core], path: "Tests/Fixtures/Recorder", swiftSettings: strict),
        .target(name: "Bench", dependencies: [core], path: "Tests/Fixtures/Bench", swiftSettings: strict),
        // A plugin that is looked at: a chain from request to job, gauges, and much that fails.
        .target(name: "Observed", dependencies: [core], path: "Tests/Fixtures/Observed", swiftSettings: strict),
        .executableTarget(
            name: "TestWorker", dependencies: [core, plugins, "Bench", "Observed", "Recorder"],
            path: "Tests/Fixtures/TestWorker", swiftSettings: strict),

        // A process that runs jobs and nothing else, impatient, with a plugin whose jobs fail on demand.
        .target(name: "Jobber", dependencies: [core], path: "Tests/Fixtures/Jobber", swiftSettings: strict),
        .executableTarget(
            name: "JobWorker", dependencies: [core, "Jobber"], path: "Tests/Fixtures/JobWorker", swiftSettings: strict),

        suite("AccountsTests"),
        suite("AuditTests", "TestWorker"),
        suite("AdminTests", "Jobber", "Recorder"),
        suite("BudgetTests", "Bench", "TestWorker"),
        suite("ClusterTests"),
        suite("CommandTests", "Command", "Worker", .product(name: "LendingOne", package: "Lending")),
        suite("CoursesTests"),
        suite("DeliveryTests", "Recorder", "TestWorker"),
        suite("DispatchTests"),
        // It pins what libfcgi itself does.
        suite("FastCGITests", "fastcgi-probe", libraries: ["fcgi"]),
        // They are loaded from copies; that they are linked as well only makes sure that they are built.
        suite(
            "GenerationTests", "Command", "Worker", .product(name: "LendingOne", package: "Lending"),
            .product(name: "LendingTwo", package: "Lending")),
        suite("InstallTests"),
        suite("JobsTests", "Jobber", "JobWorker"),
        suite("JSONTests"),
        suite("KernelTests"),
        suite("LimitTests", "Recorder", "TestWorker"),
        suite("LiveTests", "Recorder", "TestWorker"),
        suite("LoaderTests", "Worker"),
        suite("MediaTests", "TestWorker", "lyceum-media"),
        suite("NginxTests"),
        suite("ObservedTests", "Observed", "TestWorker"),
        suite("PersonalDataTests"),
        suite("PostgreSQLTests"),
        suite("SupervisorTests", "fastcgi-probe", "supervise-probe"),
        suite("TemplateTests"),
        suite("TypesTests"),
        suite("UpTests"),
    ])
