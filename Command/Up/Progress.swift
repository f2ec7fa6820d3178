internal import Foundation

/// Says what is being done, and that it still is when it takes long.
enum Progress {
    /// Runs a step.
    ///
    /// Its name is printed at once, a dot every two seconds, and the time it took at the end.
    ///
    /// - Parameter logs: whether others write to the terminal meanwhile: then beginning and end have lines of their own.
    static func step<Outcome>(_ name: String, logs: Bool = false, _ body: () throws -> Outcome) throws -> Outcome {
        try Signals.check()
        tell("\(name) …", end: logs ? "\n" : "")
        let begin = Date()
        let dots = DispatchSource.makeTimerSource(queue: .global())
        dots.schedule(deadline: .now() + 2, repeating: 2)
        dots.setEventHandler { tell(".", end: "") }
        dots.resume()
        if logs { dots.cancel() }
        defer { dots.cancel() }
        do {
            let outcome = try body()
            let seconds = Date().timeIntervalSince(begin)
            tell(
                (logs ? "\(name):" : "") + (seconds < 0.1 ? " done" : String(format: " done (%.1f s)", seconds)))
            return outcome
        } catch {
            if !logs { tell("") }
            throw error
        }
    }
}
