internal import Glibc

/// What one connection has prepared: found by a statement's pieces, in an open-addressed table.
///
///     absent ──insert──▶ announced(name) ──the server said yes──▶ ready ──the schema changed──▶ absent under a new name
struct PreparedStatements: ~Copyable {
    private struct Entry {
        let pieces: Pieces
        /// Owned; a C string, because that is what libpq takes at each call.
        var name: UnsafeMutablePointer<CChar>?
        var ready: Bool
    }

    /// Statements with text of their own at run time have no natural bound; past this many they are sent unprepared.
    static let mostUnescaped = 128

    private var entries: [Entry] = []
    private var slots: [Int32] = Array(repeating: -1, count: 64)
    private var unescaped = 0
    private var names = 0

    deinit { for entry in entries { free(entry.name) } }

    /// The entry of a statement, or nil.
    @inline(__always)
    func find(_ pieces: borrowing Pieces) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: pieces.hash) & mask
        while true {
            let entry = Int(slots[slot])
            if entry < 0 { return nil }
            if entries[entry].pieces == pieces { return entry }
            slot = (slot + 1) & mask
        }
    }

    /// The entry of a statement, made when there is none; nil when it is not to be prepared.
    mutating func findOrMake(_ pieces: Pieces) -> Int? {
        if let entry = find(pieces) { return entry }
        if !pieces.unescaped.isEmpty {
            guard unescaped < Self.mostUnescaped else { return nil }
            unescaped += 1
        }
        entries.append(Entry(pieces: pieces, name: newName(), ready: false))
        if entries.count * 2 > slots.count {
            slots = Array(repeating: -1, count: slots.count * 2)
            for entry in entries.indices { place(entry) }
        } else {
            place(entries.count - 1)
        }
        return entries.count - 1
    }

    private mutating func place(_ entry: Int) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: entries[entry].pieces.hash) & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(entry)
    }

    private mutating func newName() -> UnsafeMutablePointer<CChar>? {
        names += 1
        return strdup("s\(names)")
    }

    func isReady(_ entry: Int) -> Bool { entries[entry].ready }
    func name(_ entry: Int) -> UnsafePointer<CChar>? { UnsafePointer(entries[entry].name) }
    func text(_ entry: Int) -> String { entries[entry].pieces.text }
    mutating func setReady(_ entry: Int, _ ready: Bool) { entries[entry].ready = ready }

    /// Gives a statement a new name, so that it is prepared afresh; returns the old one, to be deallocated on the server.
    mutating func forget(_ entry: Int) -> String {
        let old = entries[entry].name.map { String(cString: $0) } ?? ""
        free(entries[entry].name)
        entries[entry].name = newName()
        entries[entry].ready = false
        return old
    }

    /// As `forget`, for all: the server has been told to deallocate everything.
    mutating func forgetAll() { for entry in entries.indices { _ = forget(entry) } }
}
