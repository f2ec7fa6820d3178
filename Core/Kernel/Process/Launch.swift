@preconcurrency internal import Glibc

/// What posix_spawn is told: made, used once, ended.
struct Launch {
    var actions = posix_spawn_file_actions_t()
    private var settings = posix_spawnattr_t()
    private var copies: [Int32] = []

    init() {
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&settings)
    }

    mutating func end() {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&settings)
        for copy in copies { close(copy) }
        copies = []
    }

    mutating func descriptors(
        _ map: [Int32: Int32], output: Child.Output, errors: Child.Output
    ) throws(ChildError) {
        var map = map
        for (target, place) in [(Int32(1), output), (2, errors)] {
            switch place {
            case .inherit: map[target] = map[target] ?? target
            case .descriptor(let source): map[target] = source
            case .nowhere, .file: map[target] = nil
            }
        }
        // Every source is copied above every target first, or one of the dup2 below could overwrite another's source.
        let above = max(map.keys.max() ?? 2, 2) + 1
        for (target, source) in map.sorted(by: { $0.key < $1.key }) {
            let copy = fcntl(source, F_DUPFD_CLOEXEC, above)
            if copy == -1, source == target, source <= 2 { continue }  // this process itself has none
            guard copy >= 0 else { throw ChildError("descriptor \(source) cannot be handed to a child", reason: errno) }
            copies.append(copy)
            posix_spawn_file_actions_adddup2(&actions, copy, target)
        }
        if map[0] == nil { posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) }
        for (target, place) in [(Int32(1), output), (2, errors)] {
            switch place {
            case .inherit, .descriptor: continue
            case .nowhere: posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_WRONLY, 0)
            case .file(let path):
                posix_spawn_file_actions_addopen(&actions, target, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            }
        }
        // What is not handed over on purpose stays here: a worker that inherits a listening socket would keep it open for ever.
        let kept = Set(map.keys).union([0, 1, 2])
        let highest = kept.max() ?? 2
        for number in 3..<max(highest, 3) where !kept.contains(number) {
            posix_spawn_file_actions_addclose(&actions, number)
        }
        try closeFrom(highest + 1)
    }

    mutating func directory(_ path: String) throws(ChildError) {
        typealias Function =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
        let symbol = try hidden("posix_spawn_file_actions_addchdir_np")
        _ = unsafeBitCast(symbol, to: Function.self)(&actions, path)
    }

    private mutating func closeFrom(_ first: Int32) throws(ChildError) {
        typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        let symbol = try hidden("posix_spawn_file_actions_addclosefrom_np")
        _ = unsafeBitCast(symbol, to: Function.self)(&actions, first)
    }

    /// A function that glibc (2.34 and later) has but its Swift module does not show: it is declared for _GNU_SOURCE only.
    private func hidden(_ name: String) throws(ChildError) -> UnsafeMutableRawPointer {
        guard let symbol = dlsym(nil, name) else {
            throw ChildError(
                "this system's C library has no \(name), without which no child starts safely; glibc 2.34 has it")
        }
        return symbol
    }

    mutating func attributes(ownGroup: Bool) {
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&settings, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&settings, &all)
        var flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        if ownGroup {
            flags |= Int16(POSIX_SPAWN_SETPGROUP)
            posix_spawnattr_setpgroup(&settings, 0)
        }
        posix_spawnattr_setflags(&settings, flags)
    }

    mutating func start(
        _ executable: String, _ arguments: [String], _ environment: [String]?
    ) throws(ChildError) -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? []).map { strdup($0) } + [nil]
        defer {
            for word in words { free(word) }
            for variable in variables { free(variable) }
        }
        var id: pid_t = 0
        let code =
            environment == nil
            ? posix_spawnp(&id, executable, &actions, &settings, &words, environ)
            : posix_spawnp(&id, executable, &actions, &settings, &words, &variables)
        guard code == 0 else { throw ChildError("\(executable) cannot be started", reason: code) }
        return id
    }
}
