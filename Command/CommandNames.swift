internal import ArgumentParser
internal import Lyceum

/// The names of commands, looked at before the parser does, which says of a wrong one only that it is unexpected.
enum CommandNames {
    /// Makes sure that the words before the first option name a command.
    ///
    /// - Throws: ``UnknownCommand`` for a word that is none.
    static func check(_ words: [String]) throws {
        var command: any ParsableCommand.Type = LyceumCommand.self
        var path = ["lyceum"]
        for word in words {
            let known = command.configuration.subcommands
            guard !known.isEmpty, !word.hasPrefix("-") else { return }
            if path.count == 1, word == "help" { return }
            guard let next = known.first(where: { name(of: $0) == word }) else {
                let names = known.filter { $0.configuration.shouldDisplay }.map { name(of: $0) }
                throw UnknownCommand(word: word, path: path, known: names)
            }
            command = next
            path.append(word)
        }
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        if let name = command.configuration.commandName { return name }
        // As the parser derives it from the type: `DeadLetters` is `dead-letters`.
        let words = String(describing: command).map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }
        return String(words.joined().drop { $0 == "-" })
    }
}

/// A word where a command's name must stand.
struct UnknownCommand: Error, CustomStringConvertible {
    let word: String
    /// The commands that lead there.
    let path: [String]
    /// The names that would be accepted.
    let known: [String]

    var description: String {
        let path = path.joined(separator: " ")
        let hint = nearest(word, known).map { "; did you mean `\(path) \($0)`?" } ?? ""
        return """
            lyceum: there is no command `\(path) \(word)`\(hint)
            Usage: \(path) COMMAND, which is one of \(known.joined(separator: ", ")); `\(path) --help` explains them
            """
    }
}
