internal import FirstParty
internal import Glibc
internal import Kernel

/// Serves one generation; what it does is the kernel's.
@main
enum Main {
    static func main() {
        exit(WorkerMain.run(Array(CommandLine.arguments.dropFirst()), linked: FirstParty.plugins))
    }
}
