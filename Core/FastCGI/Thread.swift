import Glibc

/// A thread of the operating system.
package enum Thread {
    private final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread and answers its `pthread_t`; the errno of `pthread_create` when there is none to be had.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Result<UInt, ErrorNumber> {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(body))
        let failure = pthread_create(
            &thread, nil,
            { start in
                if let start { Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        if failure == 0 { return .success(thread) }
        start.release()
        return .failure(ErrorNumber(failure))
    }

    /// Starts a thread that nobody waits for; answers whether there was one to be had.
    package static func detached(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard case .success(let thread) = start(body) else { return false }
        pthread_detach(thread)
        return true
    }
}

/// An `errno` and its text.
package struct ErrorNumber: Error, CustomStringConvertible {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    /// That of the call which just failed.
    static var last: ErrorNumber { ErrorNumber(errno) }

    // strerror is safe with threads since glibc 2.32.
    package var description: String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}
