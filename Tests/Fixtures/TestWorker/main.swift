import Bench
import FirstParty
import Glibc
@_spi(Mutants) import Kernel
import Lyceum
import Observed
import PostgreSQL
import Recorder

// The worker of tests: the platform's own plugins and the recorders, impatient with what failed, and wrong on demand. With
// `--generation DIR --write NUMBER` it is a writer, with `--generation DIR --install` it installs and ends.
let arguments = Array(CommandLine.arguments.dropFirst())
let linked: [any Plugin.Type] =
    FirstParty.plugins + [
        RecorderPlugin.self, WatcherPlugin.self, StormPlugin.self, HazardPlugin.self, BenchPlugin.self, BusPlugin.self,
        ObservedPlugin.self,
    ]
let isInStorm = getenv("LYCEUM_TEST_STORM") != nil
let schedule =
    if isInStorm {
        RetrySchedule(attempts: 1_000, base: 0.0005)
    } else if getenv("LYCEUM_TEST_SCHEDULE") != nil {
        // The platform's own, a hundred thousand times as fast.
        RetrySchedule(base: RetrySchedule().base / 100_000, longest: RetrySchedule().longest / 100_000)
    } else {
        RetrySchedule(attempts: 4, base: 0.02)
    }
let mutant = getenv("LYCEUM_TEST_MUTANT").map { String(cString: $0) }

if arguments.count == 4, arguments[2] == "--write", let number = Int(arguments[3]) {
    let seed = getenv("LYCEUM_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? 0
    try await Writer.run(generation: arguments[1], number: number, seed: seed, linked: linked)
}
if arguments.count == 3, arguments[2] == "--install" {
    let generation = try GenerationFile.read(directory: arguments[1])
    let registry = try Registry(linked, libraries: generation.libraries)
    for entry in generation.regions {
        try Installer(try RegionPlan(entry, registry)).install(Connection(entry.database))
    }
    exit(0)
}
exit(
    WorkerMain.run(arguments, linked: linked) {
        if let mutant { return try .mutant(mutant, $0, schedule: schedule) }
        return try DeliveryProcess($0, schedule: schedule)
    })
