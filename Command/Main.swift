internal import ArgumentParser
internal import Foundation
internal import Kernel

/// Runs a command and turns what goes wrong into a sentence and an exit code: 0 done, 1 a problem, 64 wrong usage, 78 bad
/// configuration.
@main
enum Main {
    static func main() async {
        // A reader that goes away (`lyceum routes | head`) is no reason to die without a word to the children.
        signal(SIGPIPE, SIG_IGN)
        // Named here, in the executable: the record is that of the sources this file was compiled against.
        do { try Loader.verifyHost(KernelRecord.compiledAgainst()) } catch { end(error) }
        var command: any ParsableCommand
        do { command = try LyceumCommand.parseAsRoot() } catch { LyceumCommand.exit(withError: error) }
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
    }

    private static func end(_ error: any Error) -> Never {
        switch error {
        case let problems as ConfigurationProblems:
            say(problems.description)
            exit(78)
        case let problem as ConfigurationProblem:
            say(problem.description)
            exit(78)
        // Help that was asked for arrives as an error of the parser's own, which it does not show by name.
        case _ where String(reflecting: type(of: error)).hasPrefix("ArgumentParser."):
            LyceumCommand.exit(withError: error)
        default:
            say("lyceum: \(error)")
            exit(1)
        }
    }
}

/// Writes a line to standard error.
func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

/// Writes a line to standard output, at once even where that is a file or a pipe.
func tell(_ text: String, end: String = "\n") { FileHandle.standardOutput.write(Data((text + end).utf8)) }
