internal import JSON

/// An enum whose cases each carry an object, told apart by a tag.
///
///     enum Meeting: OneOf {
///         case online(Online), onSite(OnSite)
///         static let variants = Variants<Self>("kind") {
///             Variant("online", Meeting.online)
///             Variant("onSite", Meeting.onSite)
///         }
///     }
public protocol OneOf: Decodable, Sendable {
    /// The tag's name, and what each of its values stands for; at least one.
    static var variants: Variants<Self> { get }
}

/// The variants of a ``OneOf``.
public struct Variants<Whole: Sendable>: Sendable {
    let tag: String
    let list: [Variant<Whole>]

    /// Names the tag and lists the variants.
    public init(_ tag: String, @VariantBuilder<Whole> _ list: () -> [Variant<Whole>]) {
        (self.tag, self.list) = (tag, list())
    }
}

/// One variant of a ``OneOf``.
public struct Variant<Whole: Sendable>: Sendable {
    let name: String
    let object: @Sendable (Book) throws -> ObjectSchema
    let sample: @Sendable (Book) throws -> Whole
    let decode: @Sendable (any Decoder) throws -> Whole

    /// The tag's value, and the case that carries the object.
    public init<Part: Decodable & Sendable>(_ name: String, _ wrap: @escaping @Sendable (Part) -> Whole) {
        self.name = name
        object = { try $0.object(Part.self) }
        sample = { wrap(try $0.describe(Part.self).example) }
        decode = { wrap(try $0.tree?.make(Part.self) ?? Part(from: $0)) }
    }
}

/// Collects the variants of a ``OneOf``.
@resultBuilder
public enum VariantBuilder<Whole: Sendable> {
    /// In the order in which they are written.
    public static func buildBlock(_ parts: Variant<Whole>...) -> [Variant<Whole>] { parts }
}

extension OneOf {
    static func sample(_ book: Book) throws -> Self {
        guard let first = variants.list.first else { throw DescriptionError("\(Self.self) has no variants") }
        return try first.sample(book)
    }

    /// Decodes the variant that the tag names.
    public init(from decoder: any Decoder) throws {
        guard let tree = decoder.tree, case .union(let union) = tree.shape,
            let name = tree.value?.member(named: union.tag)?.text,
            let index = union.variants.firstIndex(where: { $0.name == name })
        else { throw DescriptionError("\(Self.self) is read from validated JSON only") }
        let (outer, position, whole) = (tree.schema, tree.cursor, tree.shape)
        defer { (tree.schema, tree.cursor, tree.shape) = (outer, position, whole) }
        let object = union.variants[index].object
        (tree.shape, tree.schema, tree.cursor) = (.object(object), object, 0)
        self = try Self.variants.list[index].decode(tree)
    }
}
