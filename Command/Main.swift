internal import ArgumentParser
internal import Foundation
internal import Kernel
internal import PostgreSQL

/// Runs a command and turns what goes wrong into a sentence and an exit code: 0 done, 1 a problem, 64 wrong usage, 78 bad
/// configuration.
@main
enum Main {
    static func main() async {
        // A reader that goes away (`lyceum routes | head`) is no reason to die without a word to the children.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try LyceumCommand.parseAsRoot()
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
        case is ExitCode, is CleanExit, is ValidationError:
            LyceumCommand.exit(withError: error)
        case is Failure, is MigrationError, is ClusterError, is ChildError, is DatabaseError, is GenerationError:
            say("lyceum: \(error)")
            exit(1)
        default:
            // The parser's own errors know their sentence and the command's usage.
            if LyceumCommand.exitCode(for: error) == .validationFailure { LyceumCommand.exit(withError: error) }
            say("lyceum: \(error)")
            exit(1)
        }
    }
}

/// Writes a line to standard error.
func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
