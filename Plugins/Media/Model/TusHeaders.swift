internal import Lyceum

/// What every request of the tus protocol says.
struct TusHeaders: Input {
    @Field("The version of the protocol, 1.0.0.", .length(1...20).example("1.0.0")) var tusResumable: String?
    @Field("In place of a token, what the page said that began the upload.", .length(1...100)) var uploadTicket: String?
}

/// What begins an upload (the extension creation).
struct TusCreation: Input {
    @Field("The version of the protocol, 1.0.0.", .length(1...20).example("1.0.0")) var tusResumable: String?
    @Field("How many bytes the whole file has.", .range(0...1_099_511_627_776)) var uploadLength: Int64?
    @Field(
        "Names with values in base64: filename, and kind where the file is for something.",
        .length(1...4_000).example("filename cGhvdG8uanBn")) var uploadMetadata: String?
    @Field("The digest of the part in the body: sha1 or sha256, a space, base64.", .length(1...200))
    var uploadChecksum: String?
}

/// What goes with a part.
struct TusPart: Input {
    @Field("The version of the protocol, 1.0.0.", .length(1...20).example("1.0.0")) var tusResumable: String?
    @Field("How many bytes are there already: where this part belongs.", .range(0...1_099_511_627_776))
    var uploadOffset: Int64?
    @Field("The digest of the part: sha1 or sha256, a space, base64.", .length(1...200)) var uploadChecksum: String?
    @Field("In place of a token, what the page said that began the upload.", .length(1...100)) var uploadTicket: String?
}

/// `Upload-Metadata`: names, each with a value in base64, with commas between them.
struct TusMetadata {
    private(set) var values: [String: String] = [:]

    init(_ text: String?) throws {
        for pair in (text ?? "").split(separator: ",") {
            let parts = pair.split(separator: " ")
            guard (1...2).contains(parts.count), parts[0].utf8.count <= 64, values[String(parts[0])] == nil,
                let bytes = parts.count == 2 ? Base64.decode(parts[1]) : [],
                let value = String(validating: bytes, as: UTF8.self), !value.contains("\0")
            else { throw MediaError.badMetadata }
            values[String(parts[0])] = value
        }
    }
}

/// The names that people give to files.
enum FileName {
    /// A name without a path before it, without controls and marks that turn the direction of reading.
    ///
    /// - Throws: ``MediaError/badMetadata`` for one that is too long.
    static func of(_ text: String?) throws -> String {
        let last = (text ?? "").split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        var name = String(
            String.UnicodeScalarView(
                last.unicodeScalars.filter { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                        false
                    default: true
                    }
                }))
        while name.first == " " || name.first == "." { name.removeFirst() }
        while name.last == " " { name.removeLast() }
        guard name.utf8.count <= 255 else { throw MediaError.badMetadata }
        return name.isEmpty ? "file" : name
    }
}
