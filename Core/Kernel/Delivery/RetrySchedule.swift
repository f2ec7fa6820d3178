/// When a failed event is tried again: after attempt^4 seconds, spread by a tenth, at most a day; after 25 attempts, never.
public struct RetrySchedule: Sendable {
    /// The attempts after which an event is dead.
    public let attempts: Int
    /// Seconds after the first attempt.
    public let base: Double
    /// Seconds after any attempt, at most.
    public let longest: Double

    /// Makes a schedule; the defaults are the platform's.
    public init(attempts: Int = 25, base: Double = 1, longest: Double = 86_400) {
        (self.attempts, self.base, self.longest) = (attempts, base, longest)
    }

    /// Seconds to wait after an attempt, counted from 1.
    ///
    /// `chance`, from 0 up to 1, spreads events that failed together.
    public func delay(after attempt: Int, chance: Double) -> Double {
        let plain = base * Double(attempt) * Double(attempt) * Double(attempt) * Double(attempt)
        return min(plain, longest) * (0.95 + 0.1 * chance)
    }
}
