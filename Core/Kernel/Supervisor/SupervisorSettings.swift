/// What a ``Supervisor`` supervises, and how patient it is.
public struct SupervisorSettings: Sendable {
    /// Where web requests come from.
    public var listener: ListeningSocket.Source

    /// Makes the processes of a new generation: once at the start, then at each SIGHUP.
    ///
    /// It runs while the present generation goes on serving. What it throws is shown as a sentence, and changes
    /// nothing.
    public var generation: @Sendable () async throws -> GenerationSpec

    /// How long a process may take until it is ready.
    public var readyDeadline = Duration.seconds(60)

    /// How long a process may take to end once told to, before it is killed.
    ///
    /// Longer than the processes' own drain deadline.
    public var stopDeadline = Duration.seconds(40)

    /// Whether SIGTERM and SIGINT stop and SIGHUP reloads; false: only ``Supervisor/request(_:)`` does.
    public var takesSignals = true

    /// Where the processes' standard error goes.
    public var errors = Child.Output.inherit

    /// Called when a generation has taken over, with its number from 1.
    public var serving: @Sendable (Int) -> Void = { _ in }

    /// Called when no process of an earlier generation is left, with the number of the one that serves.
    public var settled: @Sendable (Int) -> Void = { _ in }

    /// Called when a generation was refused or abandoned, with the reason.
    public var refused: @Sendable (String) -> Void = { _ in }

    /// Takes a line for the log.
    public var log: @Sendable (String) -> Void

    /// Supervises what `generation` makes.
    public init(
        listener: ListeningSocket.Source, log: @escaping @Sendable (String) -> Void,
        generation: @escaping @Sendable () async throws -> GenerationSpec
    ) {
        self.listener = listener
        self.log = log
        self.generation = generation
    }
}

/// Why a supervisor cannot start, as a sentence.
public struct SupervisorError: Error, Equatable, CustomStringConvertible {
    /// The sentence: what is wrong, and what would be accepted.
    public let description: String

    init(_ description: String) { self.description = description }
}
