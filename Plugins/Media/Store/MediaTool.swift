internal import Glibc
internal import Lyceum

/// The program `lyceum-media`, which looks into files in a process of its own.
///
/// They come from strangers, and the libraries that read them have had faults before. What goes wrong there ends that process and no other.
///
/// It lies beside the library that this code is in, wherever that is installed.
enum MediaTool {
    /// The media type of a file, as its content shows it.
    static func type(of path: String) throws -> String {
        let answer = try run(["type", path], within: .seconds(15))
        guard answer.status == 0, let line = answer.output.split(separator: "\n").first else {
            throw ToolError("lyceum-media could not tell the type of \(path): \(answer)")
        }
        return String(line)
    }

    /// One picture that was made.
    struct Made: Sendable {
        var width: Int
        var height: Int
        var size: Int64
    }

    /// Makes the pictures of an image; nil where it cannot be read, or is too large, or takes too long.
    ///
    /// - Parameter targets: the widths that are wanted, the smallest first, and where each picture goes.
    static func pictures(
        of path: String, mostPixels: Int, _ targets: [(width: Int, path: String)]
    ) throws -> [Made]? {
        let words = ["pictures", path, "\(mostPixels)"] + targets.flatMap { ["\($0.width)", $0.path] }
        let answer = try run(words, within: .seconds(120))
        guard answer.status == 0 else { return nil }
        return answer.output.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            return numbers.count == 3 ? Made(width: numbers[0], height: numbers[1], size: Int64(numbers[2])) : nil
        }
    }

    struct Answer: CustomStringConvertible {
        /// The exit status; nil when a signal ended it, or its time.
        var status: Int?
        var output: String

        var description: String {
            (status.map { "it ended with \($0)" } ?? "it was killed") + ": " + output.prefix(300)
        }
    }

    /// The path of the program.
    private static let program: String = {
        guard let maps = fopen("/proc/self/maps", "re") else { return "lyceum-media" }
        defer { fclose(maps) }
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        while getline(&line, &size, maps) > 0 {
            guard let text = line.map({ String(cString: $0) }), text.hasSuffix("/libLyceumPlugins.so\n"),
                let start = text.firstIndex(of: "/"), let end = text.lastIndex(of: "/")
            else { continue }
            return text[start..<end] + "/lyceum-media"
        }
        return "lyceum-media"
    }()

    private static func run(_ words: [String], within time: Duration) throws -> Answer {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ToolError("no pipe can be made: \(reason(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let process: pid_t
        do {
            defer { close(ends[1]) }
            process = try start(words, output: ends[1])
        }
        let until = ContinuousClock.now + time
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        var isLate = false
        while true {
            let left = until - ContinuousClock.now
            var one = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            let milliseconds = Int32(
                clamping: left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000)
            if left <= .zero || (poll(&one, 1, max(1, milliseconds)) == 0) {
                isLate = true
                break
            }
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            // It says little; one that goes on and on is out of order.
            guard output.count < 65_536 else {
                isLate = true
                break
            }
            output += buffer[..<count]
        }
        if isLate { kill(process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7F == 0 && !isLate ? Int(status >> 8 & 0xFF) : nil
        return Answer(status: code, output: String(decoding: output, as: UTF8.self))
    }

    /// Starts it with nothing open but standard input, output and errors.
    private static func start(_ words: [String], output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // What the supervisor gave a worker has low numbers; everything else is closed on exec. One that is not open is no error.
        for descriptor in 3..<Int32(64) { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of a worker have signals blocked, and a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = ([program] + words).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        // Of the environment it needs nothing; what a worker has there is nobody's business.
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), strdup("LC_ALL=C.UTF-8"), nil]
        if let path = getenv("LD_LIBRARY_PATH") {
            environment.insert(strdup("LD_LIBRARY_PATH=" + String(cString: path)), at: 0)
        }
        defer { for entry in environment { free(entry) } }
        var process = pid_t()
        let failed = posix_spawn(&process, program, &actions, &attributes, &arguments, &environment)
        guard failed == 0 else { throw ToolError("\(program) cannot be started: \(reason(failed))") }
        return process
    }

    private static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

/// Why `lyceum-media` cannot be asked, for the log.
struct ToolError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
