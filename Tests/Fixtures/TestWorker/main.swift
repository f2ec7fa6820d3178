import Bench
import FirstParty
import Glibc
@_spi(Mutants) import Kernel
import Lyceum
import Recorder

// The worker of tests: the platform's own plugins and the recorder, impatient with what failed, and wrong on demand.
let schedule = RetrySchedule(attempts: 4, base: 0.02)
let isMutant = getenv("LYCEUM_TEST_MUTANT") != nil
exit(
    WorkerMain.run(
        Array(CommandLine.arguments.dropFirst()), linked: FirstParty.plugins + [RecorderPlugin.self, BenchPlugin.self]
    ) {
        isMutant
            ? try .cursorFirst($0, schedule: schedule) : try DeliveryProcess($0, schedule: schedule)
    })
