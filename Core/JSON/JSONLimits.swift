/// How much of a stranger's JSON is read; both limits are checked before anything is allocated.
public struct JSONLimits: Hashable, Sendable {
    /// The longest text, in bytes.
    public var bytes: Int
    /// The deepest nesting of lists and objects; a scalar alone is 0 deep, `[]` is 1.
    ///
    /// jansson refuses more than 2,048 whatever this says.
    public var depth: Int

    /// Limits of one's own; without arguments a mebibyte and 64 levels.
    public init(bytes: Int = 1 << 20, depth: Int = 64) { (self.bytes, self.depth) = (bytes, depth) }
}
