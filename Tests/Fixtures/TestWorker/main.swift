import Bench
import FirstParty
import Glibc
@_spi(Mutants) import Kernel
import Lyceum
import Recorder

// The worker of tests: the platform's own plugins and the recorder, impatient with what failed, and wrong on demand.
let schedule = RetrySchedule(attempts: 4, base: 0.02)
let mutant = getenv("LYCEUM_TEST_MUTANT").map { String(cString: $0) }
exit(
    WorkerMain.run(
        Array(CommandLine.arguments.dropFirst()), linked: FirstParty.plugins + [RecorderPlugin.self, BenchPlugin.self]
    ) {
        if let mutant { return try .mutant(mutant, $0, schedule: schedule) }
        return try DeliveryProcess($0, schedule: schedule)
    })
