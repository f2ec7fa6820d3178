internal import Glibc

/// How often, and after which pauses, a transaction is tried again that lost against another one.
public struct Retry: Sendable {
    /// How often it is tried at most, the first time included.
    public var tries: Int
    /// The pause after the first try; it doubles with each further one.
    public var pause: Duration
    /// The longest pause.
    public var longest: Duration

    /// Ten tries, pausing from 2 ms up to 200 ms: about half a second in all.
    public init(tries: Int = 10, pause: Duration = .milliseconds(2), longest: Duration = .milliseconds(200)) {
        (self.tries, self.pause, self.longest) = (tries, pause, longest)
    }

    /// The pause after this many tries: half of it sure, half of it random, so that rivals part.
    public func pause(after tries: Int) -> Duration {
        let full = min(pause * (1 << min(max(tries - 1, 0), 16)), longest)
        return full / 2 + full / 2 * Double.random(in: 0...1)
    }

    /// Runs `body` until it succeeds, fails for a reason that trying again does not mend, or has been tried often enough.
    ///
    /// - Throws: The last error.
    @discardableResult
    public func run<Value>(_ body: () throws -> Value) throws -> Value {
        var tried = 0
        while true {
            do { return try body() } catch let error as DatabaseError where error.isTransient {
                tried += 1
                if tried >= tries { throw error }
                usleep(UInt32(clamping: pause(after: tried).microseconds))
            }
        }
    }

    /// The same for a body that awaits; pauses without holding a thread.
    @discardableResult
    public func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        var tried = 0
        while true {
            do { return try await body() } catch let error as DatabaseError where error.isTransient {
                tried += 1
                if tried >= tries { throw error }
                try await Task.sleep(for: pause(after: tried))
            }
        }
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
