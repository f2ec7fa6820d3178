/// Writes JSON straight to UTF-8, into one buffer that grows and is used again.
///
///     let out = JSONWriter()
///     out.openObject()
///     out.key("title"); out.string("Swift in a week")
///     out.key("seats"); out.int(20)
///     out.closeObject()
///
/// Keys bring their comma themselves; in a list, call ``comma()`` before each item. Nothing checks that what is written
/// is well formed. One thread uses it at a time.
public final class JSONWriter {
    // The buffer is touched for every value; the run-time exclusivity check of a class property would cost more than
    // most values do, and no method here holds one property while it calls out.
    @exclusivity(unchecked) @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) @usableFromInline var used = 0
    @exclusivity(unchecked) @usableFromInline var capacity: Int
    /// The most bytes that may be written.
    ///
    /// Who writes more is not stopped, but what was written is forgotten, so that memory stays bounded, and ``isOver`` says so.
    @exclusivity(unchecked) public var limit = Int.max
    /// Whether more was written than may be; what there is then is of no use.
    @inlinable public var isOver: Bool { hasOverflowed || used > limit }
    @exclusivity(unchecked) @usableFromInline var hasOverflowed = false

    /// Values are given more room than they take, up to six bytes for one.
    private static let slack = 65_536

    /// An empty writer.
    ///
    /// - Parameter capacity: how many bytes fit before the buffer grows.
    public init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// Forgets what was written; keeps the buffer unless it grew beyond `most` bytes.
    public func reset(keeping most: Int = 1 << 20) {
        used = 0
        hasOverflowed = false
        let most = min(most, limit)
        guard capacity > most else { return }
        base.deallocate()
        capacity = max(most, 64)
        base = .allocate(capacity: capacity)
    }

    /// How many bytes were written.
    @inlinable public var count: Int { used }

    /// What was written, unowned: valid until something else is.
    @inlinable public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: used) }

    /// What was written, as a copy.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Makes sure that so many more bytes fit.
    @inlinable @inline(__always) public func reserve(_ more: Int) { if more > capacity &- used { grow(more) } }

    @usableFromInline @inline(never) func grow(_ more: Int) {
        // There is never room for much more than the limit, so whoever writes more comes here.
        if isOver || (more > JSONWriter.slack && more > limit - used) {
            hasOverflowed = true
            used = 0
            if more <= capacity { return }
        }
        let most = limit < Int.max - JSONWriter.slack ? limit + JSONWriter.slack : limit
        capacity = max(min(capacity * 2, most), used + more)
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        fresh.update(from: base, count: used)
        base.deallocate()
        base = fresh
    }

    /// Writes by hand: at most `most` bytes to where the closure's pointer points; it returns how many it wrote.
    @inlinable @inline(__always)
    public func append(upTo most: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Int) {
        reserve(most)
        used &+= fill(base + used)
    }

    /// Writes one byte as it is.
    @inlinable @inline(__always) public func byte(_ value: UInt8) {
        reserve(1)
        base[used] = value
        used &+= 1
    }

    /// Writes bytes as they are.
    @inlinable @inline(__always) public func raw(_ from: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        (base + used).update(from: from, count: length)
        used &+= length
    }

    /// Writes a literal as it is.
    @inlinable @inline(__always) public func raw(_ text: StaticString) { raw(text.utf8Start, text.utf8CodeUnitCount) }

    /// Writes text that is JSON already.
    public func json(_ text: String) {
        var text = text
        text.withUTF8 { bytes in if let start = bytes.baseAddress { raw(start, bytes.count) } }
    }

    /// Opens an object.
    @inlinable public func openObject() { byte(UInt8(ascii: "{")) }
    /// Closes an object.
    @inlinable public func closeObject() { byte(UInt8(ascii: "}")) }
    /// Opens a list.
    @inlinable public func openList() { byte(UInt8(ascii: "[")) }
    /// Closes a list.
    @inlinable public func closeList() { byte(UInt8(ascii: "]")) }

    /// Writes a comma unless an object or a list was just opened, or nothing was written yet.
    @inlinable @inline(__always) public func comma() {
        guard used > 0 else { return }
        let last = base[used &- 1]
        if last != UInt8(ascii: "["), last != UInt8(ascii: "{") { byte(UInt8(ascii: ",")) }
    }

    /// Writes the name of a member that needs no escaping, with the comma before and the colon after it.
    @inlinable public func key(_ name: StaticString) {
        comma()
        let length = name.utf8CodeUnitCount
        append(upTo: length + 3) { to in
            to[0] = UInt8(ascii: "\"")
            (to + 1).update(from: name.utf8Start, count: length)
            to[length + 1] = UInt8(ascii: "\"")
            to[length + 2] = UInt8(ascii: ":")
            return length + 3
        }
    }

    /// Writes the name of a member, escaped, with the comma before and the colon after it.
    public func key(named name: String) {
        comma()
        string(name)
        byte(UInt8(ascii: ":"))
    }

    /// Writes `null`.
    @inlinable public func null() { raw("null") }

    /// Writes `true` or `false`.
    @inlinable public func bool(_ value: Bool) { if value { raw("true") } else { raw("false") } }
}
