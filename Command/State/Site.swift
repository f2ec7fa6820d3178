internal import ArgumentParser
internal import Foundation

/// Which installation a command is about.
struct Site: ParsableArguments {
    @Option(
        name: .customLong("state"),
        help: ArgumentHelp(
            "The directory of the installation's state. (default: \(environment("LYCEUM_STATE") ?? ".state"))",
            valueName: "dir"))
    var stateOption: String?

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The directory of lyceum.yaml and regions/. (default: \(environment("LYCEUM_CONFIG") ?? "Config"))",
            valueName: "dir"))
    var configOption: String?

    /// Where it keeps what it makes.
    var state: StateDirectory { StateDirectory(stateOption ?? Site.environment("LYCEUM_STATE") ?? ".state") }

    /// Where its configuration is.
    var config: String { configOption ?? Site.environment("LYCEUM_CONFIG") ?? "Config" }

    /// Where nginx's files are that come with the platform.
    var nginxFiles: String { (Site.environment("LYCEUM_SHARE") ?? ".") + "/nginx" }

    /// What this command's children are told, so that they mean the same installation.
    var arguments: [String] { ["--state", state.path, "--config", absolute(config)] }

    static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Which regions a command is about.
struct RegionChoice: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Only this region. (default: all)", valueName: "name"))
    var region: String?

    /// All of them.
    static var all: RegionChoice {
        var choice = RegionChoice()
        choice.region = nil
        return choice
    }
}

/// How long a command waits for hosts that serve.
struct Patience: ParsableArguments {
    @Option(help: ArgumentHelp("How long to wait for hosts that serve.", valueName: "seconds"))
    var wait = 120

    func validate() throws {
        guard (1...3600).contains(wait) else { throw ValidationError("--wait must be from 1 to 3600; it is \(wait)") }
    }
}

/// How a command answers.
struct OutputChoice: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Answer with JSON, for machines.")
    var json = false
}
