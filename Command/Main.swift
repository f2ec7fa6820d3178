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
        AskedPlugin.tellFaults()
        // Named here, in the executable: the record is that of the sources this file was compiled against.
        do { try Loader.verifyHost(KernelRecord.compiledAgainst()) } catch { end(error) }
        var command: any ParsableCommand
        do {
            try CommandNames.check(Array(CommandLine.arguments.dropFirst()))
            command = try LyceumCommand.parseAsRoot()
        } catch { end(error) }
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
        case let usage as UnknownCommand:
            say(usage.description)
            exit(64)
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

/// Writes lines to standard error, such that a terminal only shows them.
func say(_ text: String) { put(printable(text, lines: true) + "\n", 2) }

/// Writes lines to standard output, at once even where that is a file or a pipe, such that a terminal only shows them.
func tell(_ text: String, end: String = "\n") { put(printable(text, lines: true) + end, 1) }

/// Writes a value as JSON to standard output.
func tell(json value: some Encodable) { put(printable(json: Table.json(value)) + "\n", 1) }

/// Writes a piece of an export to standard output, as it is.
///
/// - Throws: ``Failure`` where it cannot be written: half an export must not pass for a whole one.
func tell(whole text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
            let reason = String(cString: strerror(errno))
            throw Failure("standard output cannot be written: \(reason); what it has is not whole")
        }
        rest = rest.dropFirst(count)
    }
}

/// Writes all of a text; a reader that went away, or a full disk behind it, is no reason to fail.
private func put(_ text: String, _ descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
