/// A member's name, ready for many look-ups.
///
/// Its bytes are allocated once and never freed: make keys for what lives as long as the process, such as the fields of
/// a described type.
public struct JSONKey: @unchecked Sendable {
    // Sendable because the pointer is to memory that nobody writes or frees after the initializer.
    let bytes: UnsafePointer<CChar>
    let count: Int

    /// Keeps a copy of the name for ever.
    public init(_ name: String) {
        let utf8 = Array(name.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
        copy.initialize(from: utf8, count: utf8.count)
        bytes = UnsafePointer(copy)
        count = utf8.count - 1
    }
}
