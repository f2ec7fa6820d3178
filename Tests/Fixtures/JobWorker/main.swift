import FastCGI
import Glibc
import Jobber
@_spi(Jobs) import Kernel
import Lyceum

// A process that runs jobs and nothing else, impatient, and wrong on demand: JobWorker DIRECTORY, until SIGTERM.
// LYCEUM_TEST_DELIVERY: the platform's own delivery process instead, with all its patience.
// LYCEUM_TEST_UNFENCED: whoever had a run may write to it. LYCEUM_TEST_CLOCK: a clock that shows this many microseconds since
// 1970 when the process begins, and runs 600 times too fast.
var settings = JobSettings()
settings.lease = .milliseconds(1_500)
settings.beat = .milliseconds(100)
settings.pause = .milliseconds(20)
settings.patrol = .milliseconds(100)
settings.drain = .seconds(2)
settings.grace = .seconds(1)
settings.base = 0.001
settings.isFenced = getenv("LYCEUM_TEST_UNFENCED") == nil
let log = getenv("LYCEUM_TEST_QUIET") == nil ? Log.standardError : Log { _ in }
var world = World.real
if let text = getenv("LYCEUM_TEST_CLOCK").map({ String(cString: $0) }), let given = Int64(text) {
    // The true moment at which the false clock shows `given` is agreed on by all processes.
    let start = getenv("LYCEUM_TEST_CLOCK_START").flatMap { Int64(String(cString: $0)) } ?? Instant.now.microseconds
    world = World(
        now: { Instant(microseconds: given + (Instant.now.microseconds - start) * 600) }, newID: { RawID.make() })
}
do {
    let generation = try GenerationFile.read(directory: CommandLine.arguments[1])
    let installation = try Installation(generation, try Registry([JobberPlugin.self]), world: world, log: log)
    if getenv("LYCEUM_TEST_DELIVERY") != nil {
        try DeliveryProcess(installation).run {}
        exit(0)
    }
    let signals = try SignalPipe()
    signals.catching([SIGTERM])
    let work = try JobProcess(installation, settings).start()
    _ = signals.wait()
    work.drain()
    work.wait()
    exit(0)
} catch {
    Log.standardError.write("\(error)")
    exit(78)
}
