public import Lyceum

/// A region's own version of a template, in the place of its plugin's.
public struct OwnTemplate: Input, Equatable {
    /// The template's name, `courses.catalogue`.
    @Field("The template's name.", .length(1...200)) public var name: String
    /// The file it was read from, for messages.
    @Field("The file it was read from.") public var file: String
    /// The template itself; an empty one prints nothing.
    @Field("The template itself.", .multiline.length(0...1_000_000)) public var text: String

    /// Makes one to fill.
    public init() {}

    /// Makes one.
    public init(name: String, file: String, text: String) {
        (self.name, self.file, self.text) = (name, file, text)
    }

    /// Whether all of it is the same.
    public static func == (one: OwnTemplate, other: OwnTemplate) -> Bool {
        (one.name, one.file, one.text) == (other.name, other.file, other.text)
    }
}

/// A region's own words for one key in one language, in the place of its plugin's.
public struct OwnWords: Input, Equatable {
    /// The language, a BCP 47 tag.
    @Field("The language, a BCP 47 tag.", .length(2...35)) public var locale: String
    /// The key, `courses.nav.catalogue`; of a plural that of one form, `courses.learners.one`.
    @Field("The key.", .length(1...200)) public var key: String
    /// What it says.
    @Field("What it says.", .multiline) public var text: String
    /// The file it was read from, and the line there, for messages.
    @Field("The file it was read from.") public var file: String
    /// The line in the file, from 1; 0 where it is not known.
    @Field("The line in the file.") public var line = 0

    /// Makes one to fill.
    public init() {}

    /// Makes one.
    public init(locale: String, key: String, text: String, file: String, line: Int) {
        (self.locale, self.key, self.text, self.file, self.line) = (locale, key, text, file, line)
    }

    /// Whether all of it is the same, wherever it stands in its file.
    public static func == (one: OwnWords, other: OwnWords) -> Bool {
        (one.locale, one.key, one.text, one.file) == (other.locale, other.key, other.text, other.file)
    }
}
