/// One of the places that an installation serves: its people, its database, its plugins.
public final class Region: Sendable {
    /// The name in addresses and configuration, such as `academy`.
    public let id: String
    /// The name for people.
    public let title: String
    /// One sentence about it, for the index of regions.
    public let about: String
    /// The language of its pages, as a BCP 47 tag such as `en` or `ar`.
    public let locale: String
    /// What things cost here unless they say otherwise.
    public let currency: Currency
    /// The IANA zone in which its days begin.
    public let timeZone: String
    /// The countries it serves, as ISO 3166-1 codes.
    public let countries: [String]
    /// The path that `/` leads to, such as `/courses`.
    public let home: String
    /// The absolute path of a directory of the region's own, for what does not belong into a database; nil where there is none.
    ///
    /// It may not exist yet. Its parent belongs to a group that the web server is in, and hands that on to what is made in it:
    /// what nginx is to send has mode 0640 in directories of 2750, and no stranger can enter.
    public let files: String?
    /// The plugins that are about to be disabled here.
    private let draining: Set<String>

    /// Describes a region.
    package init(
        id: String, title: String, about: String, locale: String, currency: Currency, timeZone: String,
        countries: [String], home: String, files: String? = nil, draining: Set<String> = []
    ) {
        (self.id, self.title, self.about, self.locale) = (id, title, about, locale)
        (self.currency, self.timeZone, self.countries, self.home) = (currency, timeZone, countries, home)
        self.files = files
        self.draining = draining
    }

    /// Whether a plugin is about to be disabled here, and makes no new promises; see ``Obligation``.
    public func isDraining(_ plugin: String) -> Bool { !draining.isEmpty && draining.contains(plugin) }

    /// Whether the pages read from left to right or from right to left (`dir` of HTML).
    public var direction: String {
        ["ar", "fa", "he", "ur"].contains(String(locale.prefix { $0 != "-" })) ? "rtl" : "ltr"
    }
}
