internal import Glibc

/// What a page's form with files sent, `multipart/form-data` (RFC 7578): for small files, which work without a script.
///
/// The whole of it is within `limits.bodyBytes`. What is larger comes in pieces, by a route of the API with a ``Streamed``.
public struct FileForm: RequestPart {
    /// A file of the form.
    public struct File: Sendable {
        /// The name of the form's field.
        public let field: String
        /// What the browser says that the file is called; nobody checked it.
        public let name: String
        /// What is in it.
        public let bytes: [UInt8]
    }

    /// The fields that are no files, in their order.
    public let fields: [(name: String, value: String)]
    /// The files that were chosen, in their order.
    public let files: [File]

    /// The first value of a field.
    public subscript(field: String) -> String? { fields.first { $0.name == field }?.value }

    /// Nothing to prepare.
    public static func describe(_ book: Book) {}

    /// The form.
    public static var source: RequestSource { .files }

    /// Any bytes.
    public static func schema(_ book: Book) throws -> Schema { .string(nil, length: nil) }

    /// Takes the form apart.
    ///
    /// - Throws: 415 for another media type, 400 for a form that is none.
    public static func take(_ request: Request, _ cursor: inout Int, _ plan: Void) throws -> FileForm {
        guard let form = try FileForm(request) else {
            throw Problem.unsupportedMediaType(accepted: "multipart/form-data")
        }
        return form
    }

    /// The form of a request; nil where the body is something else.
    package init?(_ request: Request) throws {
        guard request.hasContentType("multipart/form-data"), let type = request.parameters.contentType else {
            return nil
        }
        guard let boundary = FileForm.boundary(String(cString: type)) else { throw FileForm.malformed }
        var fields: [(name: String, value: String)] = []
        var files: [File] = []
        for part in try MultipartBody.parts(request.body, boundary: boundary) {
            guard let name = part.name else { continue }
            if let file = part.fileName {
                // A field in which no file was chosen.
                if file.isEmpty, part.content.isEmpty { continue }
                files.append(File(field: name, name: file, bytes: Array(request.body[part.content])))
            } else {
                guard let value = String(validating: request.body[part.content], as: UTF8.self), !value.contains("\0")
                else { throw FileForm.malformed }
                fields.append((name, value))
            }
        }
        (self.fields, self.files) = (fields, files)
    }

    /// The value of the media type's `boundary` (RFC 2046, section 5.1.1).
    private static func boundary(_ type: String) -> [UInt8]? {
        for parameter in type.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased().filter({ $0 != " " }) == "boundary" else { continue }
            let value = parts[1].filter { $0 != "\"" }
            return (1...70).contains(value.utf8.count) ? Array(value.utf8) : nil
        }
        return nil
    }

    static let malformed = Problem(
        status: 400, code: "malformed", title: "The request could not be read.",
        detail: "Its body is no form as multipart/form-data describes it.")
}

/// Takes a multipart body apart (RFC 2046, section 5.1).
enum MultipartBody {
    struct Part {
        /// The name of the field.
        var name: String?
        /// The name of the file, where it is one.
        var fileName: String?
        /// Where it is in the body.
        var content: Range<Int>
    }

    /// More than this is no form of ours.
    private static let most = 100

    static func parts(_ body: [UInt8], boundary: [UInt8]) throws -> [Part] {
        let delimiter = Array("--".utf8) + boundary
        guard body.starts(with: delimiter) else { throw FileForm.malformed }
        var parts: [Part] = []
        var at = delimiter.count
        while true {
            // After a delimiter: two hyphens at the end of all, else the end of the line.
            if body[at...].starts(with: "--".utf8) { return parts }
            guard body[at...].starts(with: "\r\n".utf8), parts.count < most else { throw FileForm.malformed }
            at += 2
            guard let head = find(Array("\r\n\r\n".utf8), in: body, from: at),
                let end = find(Array("\r\n".utf8) + delimiter, in: body, from: head + 2)
            else { throw FileForm.malformed }
            let start = head + 4
            guard start <= end else { throw FileForm.malformed }
            var part = Part(content: start..<end)
            let lines = String(decoding: body[at..<head], as: UTF8.self).split(separator: "\r\n")
            for line in lines where line.lowercased().hasPrefix("content-disposition:") {
                part.name = parameter("name", of: line)
                part.fileName = parameter("filename", of: line)
            }
            parts.append(part)
            at = end + 2 + delimiter.count
        }
    }

    /// A quoted parameter, as browsers write it: quotation marks and line ends in it are percent-encoded (the HTML standard,
    /// "multipart/form-data encoding algorithm").
    private static func parameter(_ name: String, of line: Substring) -> String? {
        for piece in line.split(separator: ";").dropFirst() {
            let piece = piece.drop { $0 == " " }
            guard piece.lowercased().hasPrefix(name + "=\"") else { continue }
            // A semicolon may stand between the quotation marks.
            let rest = line[piece.index(piece.startIndex, offsetBy: name.count + 2)...]
            guard let end = rest.firstIndex(of: "\"") else { return nil }
            return String(rest[..<end]).replacing("%22", with: "\"").replacing("%0D", with: "").replacing(
                "%0A", with: "")
        }
        return nil
    }

    /// Where something begins, at `start` or later.
    private static func find(_ wanted: [UInt8], in body: [UInt8], from start: Int) -> Int? {
        body.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, let first = wanted.first else { return nil }
            var at = start
            while at + wanted.count <= bytes.count {
                guard let found = memchr(base + at, Int32(first), bytes.count - wanted.count + 1 - at) else {
                    return nil
                }
                at = UnsafeRawPointer(found) - base
                if memcmp(base + at, wanted, wanted.count) == 0 { return at }
                at += 1
            }
            return nil
        }
    }
}
