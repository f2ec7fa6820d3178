internal import Foundation
internal import Kernel
internal import Lyceum

/// A value that programs are shown as null where there is none, instead of leaving its name out.
@propertyWrapper
struct OrNull<Value: Encodable>: Encodable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
        var out = encoder.singleValueContainer()
        if let wrappedValue { try out.encode(wrappedValue) } else { try out.encodeNil() }
    }
}

/// JSON that was stored as a text, as a value among others.
enum StoredJSON: Codable {
    case null
    case bool(Bool)
    case whole(Int64)
    case number(Double)
    case text(String)
    case list([StoredJSON])
    case object([String: StoredJSON])

    /// What a text says; the text itself where it is no JSON.
    init(_ text: String) {
        self = (try? JSONDecoder().decode(StoredJSON.self, from: Data(text.utf8))) ?? .text(text)
    }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let whole = try? value.decode(Int64.self) {
            self = .whole(whole)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([StoredJSON].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: StoredJSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var out = encoder.singleValueContainer()
        switch self {
        case .null: try out.encodeNil()
        case .bool(let bool): try out.encode(bool)
        case .whole(let whole): try out.encode(whole)
        case .number(let number): try out.encode(number)
        case .text(let text): try out.encode(text)
        case .list(let list): try out.encode(list)
        case .object(let object): try out.encode(object)
        }
    }
}

/// Says how many more there are than were listed, with the option that lists them; nothing where all are.
///
/// - Parameter most: what the option accepts at most.
func sayMore(_ listed: Int, of all: Int, most: Int) {
    guard all > listed else { return }
    say("\(all - listed) more; " + (all <= most ? "--limit \(all) lists all" : "--limit lists up to \(most)"))
}
