/// What a template prints: a tree of values, made from any Encodable view or by hand.
public enum TemplateValue: Sendable, Hashable {
    /// Nothing; prints nothing, and a section of it is skipped.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// Another number.
    case decimal(Double)
    /// Plain text, escaped when printed.
    case text(String)
    /// Words of the ``Catalogue``, found when printed, then escaped.
    case translated(Text)
    /// Markup, printed as it is.
    case raw(RawHTML)
    /// Parts of other plugins, each printed by a template of its own.
    case parts([TemplatePart])
    /// Values in order; a section of it is repeated.
    case list([TemplateValue])
    /// Values with names.
    case object(TemplateObject)

    /// The tree of a view.
    ///
    /// An optional that is nil becomes ``null``, never a missing name.
    /// - Throws: what the view's own `encode(to:)` throws, or an `EncodingError` when it is nested more than 128 deep.
    public init(encoding view: some Encodable) throws {
        self = try TemplateEncoder.encode(view)
    }

    /// Whether a section of it is rendered: null, false, 0, empty text and the empty list are not (Mustache's `!!data`).
    var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .decimal(let value): value != 0 && !value.isNaN
        case .text(let value): !value.isEmpty
        case .raw(let value): !value.html.isEmpty
        case .list(let values): !values.isEmpty
        case .parts(let parts): !parts.isEmpty
        case .translated, .object: true
        }
    }

    /// What kind of value it is, for error messages.
    var kind: String {
        switch self {
        case .null: "nothing"
        case .bool: "true or false"
        case .integer: "a whole number"
        case .decimal: "a number"
        case .text, .translated: "text"
        case .raw, .parts: "HTML"
        case .list: "a list"
        case .object: "an object"
        }
    }
}

/// Values with names, in the order in which they were given.
///
/// Objects are small, so that comparing names one after the other is faster than hashing them. Objects made from one
/// list of names share it.
public struct TemplateObject: Sendable, Hashable {
    /// The names.
    public private(set) var names: [String]
    /// The values, one for each name.
    public private(set) var values: [TemplateValue]

    /// Pairs names with values; both must be of one length, and a missing value is null.
    public init(names: [String], values: [TemplateValue]) {
        self.names = names
        self.values = values
        while self.values.count < names.count { self.values.append(.null) }
    }

    /// The value of a name; nil when there is no such name.
    ///
    /// Setting nil changes nothing.
    public subscript(name: String) -> TemplateValue? {
        get {
            for index in names.indices where names[index] == name { return values[index] }
            return nil
        }
        set {
            guard let newValue else { return }
            if let index = names.firstIndex(of: name) {
                values[index] = newValue
            } else {
                names.append(name)
                values.append(newValue)
            }
        }
    }
}

extension TemplateValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Plain text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Another number.
    public init(floatLiteral value: Double) { self = .decimal(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Null.
    public init(nilLiteral: ()) { self = .null }
    /// A list.
    public init(arrayLiteral elements: TemplateValue...) { self = .list(elements) }
    /// An object; of two values with one name the later counts.
    public init(dictionaryLiteral elements: (String, TemplateValue)...) {
        var object = TemplateObject(names: [], values: [])
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}
