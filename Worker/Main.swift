internal import FirstParty
internal import Glibc
internal import Kernel

/// Serves one generation; what it does is the kernel's.
@main
enum Main {
    static func main() {
        // Named here, in the executable: the record is that of the sources this file was compiled against.
        do { try Loader.verifyHost(KernelRecord.compiledAgainst()) } catch {
            Log.standardError.write(level: .error, "\(error)")
            exit(78)
        }
        exit(WorkerMain.run(Array(CommandLine.arguments.dropFirst()), linked: FirstParty.plugins))
    }
}
