internal import Lyceum

/// The name of a listener, a job or a kind of event in a path: words with dots between them.
struct DottedName: RequestPart {
    let value: String

    static func describe(_ book: Book) {}
    static var source: RequestSource { .path }
    static func schema(_ book: Book) throws -> Schema { .string(nil, length: 1...200) }

    static func take(_ request: Request, _ cursor: inout Int, _ plan: Void) throws -> DottedName {
        defer { cursor += 1 }
        let bytes = request.capture(cursor)
        let isName = bytes.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || "-_.".utf8.contains($0)
        }
        guard isName, (1...200).contains(bytes.count) else { throw Problem.notFound }
        return DottedName(value: String(decoding: bytes, as: UTF8.self))
    }
}

/// A major version in a path.
struct MajorVersion: RequestPart {
    let value: Int

    static func describe(_ book: Book) {}
    static var source: RequestSource { .path }
    static func schema(_ book: Book) throws -> Schema { .integer(1...Int64(Int32.max)) }

    static func take(_ request: Request, _ cursor: inout Int, _ plan: Void) throws -> MajorVersion {
        let number = try EventNumber.take(request, &cursor, plan)
        guard let value = Int32(exactly: number.value) else { throw Problem.notFound }
        return MajorVersion(value: Int(value))
    }
}

/// The number of an event in a path.
struct EventNumber: RequestPart {
    let value: Int64

    static func describe(_ book: Book) {}
    static var source: RequestSource { .path }
    static func schema(_ book: Book) throws -> Schema { .integer(1...Int64.max) }

    static func take(_ request: Request, _ cursor: inout Int, _ plan: Void) throws -> EventNumber {
        defer { cursor += 1 }
        let text = String(decoding: request.capture(cursor), as: UTF8.self)
        guard let value = Int64(text), value > 0, text == "\(value)" else { throw Problem.notFound }
        return EventNumber(value: value)
    }
}
