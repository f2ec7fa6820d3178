/// What an answer shows.
///
/// Its fields are always present; `nil` is null.
///
///     struct CourseView: View, Documented {
///         var id: Course.ID
///         var title: String
///         var summary: String?
///         static let about = ["summary": "One line for the catalogue."]
///     }
///
/// Encoding and decoding are the compiler's. A list of them is best never made: see ``Rows``.
public protocol View: Codable, JSONAnswer {}
