internal import Kernel
internal import Lyceum

/// What the files may say.
///
/// Their mappings by free names (`plugins`, `libraries`) arrive here as lists of their keys.
enum ConfigurationFiles {
    /// Config/lyceum.yaml.
    struct Installation: Input {
        @Field("Shows the index of all regions to everybody.") var development = false
        @Field("How many web worker processes serve.", .range(1...64)) var workers = 2
        @Field("How lines of the log look.") var log: Log.Form?
        @Field("Where the regions' databases are.", .length(1...2_000)) var database = "embedded"
        @Field("The connection that installs.", .length(1...2_000)) var administration: String?
        @Field("Where uploaded files are kept.", .length(1...200)) var files: String?
        @Field("What one process may use.") var limits = Generation.Limits()
        @Field("Plugins that third parties compiled.") var libraries: [String] = []

        func check(_ faults: inout Faults) {
            func limit(_ name: String, _ value: Int, atMost other: String, _ most: Int) {
                guard value > most else { return }
                faults.list.append(
                    Fault(
                        pointer: "/limits/" + name, code: "range",
                        sentence: "must be at most \(other) (\(most)); it is \(value)"))
            }
            limit("connections", limits.connections, atMost: "threads", limits.threads)
            limit("deliveries", limits.deliveries, atMost: "connections", limits.connections)
            if database != "embedded", !database.contains("{region}") {
                faults.add(
                    $database, "must be embedded, or contain {region}, so that each region has a database of its own")
            }
            if let files, !files.hasPrefix("/") || files.contains(where: { "\"'$;{}\\".contains($0) }) {
                faults.add(
                    $files, "must be an absolute path without quotes, $, ;, braces and backslashes; it is \"\(files)\"")
            }
            if administration != nil, database == "embedded" {
                faults.add($administration, "is for databases of your own; the embedded one needs none")
            }
        }
    }

    /// Config/regions/NAME.yaml.
    struct Region: Input {
        @Field("The name for people.", .length(1...80)) var title: String
        @Field("One sentence for the index of regions.", .length(0...300)) var about = ""
        @Field("The language of its pages, a BCP 47 tag.", .length(2...35)) var locale = "en"
        @Field("What things cost here, an ISO 4217 code.") var currency: Currency
        @Field("Where its days begin, an IANA time zone.", .length(1...60)) var timeZone = "UTC"
        @Field("The countries it serves, ISO 3166-1 codes.") var countries: [String] = []
        @Field("The path that / leads to.", .length(1...200)) var home = "/"
        @Field("Where its database is.", .length(1...2_000)) var database: String?
        @Field("Who may use its API from elsewhere, and how often.") var api = APISettings()
        @Field("The plugins.") var plugins: [String] = []

        func check(_ faults: inout Faults) {
            for country in countries
            where country.utf8.count != 2 || !country.utf8.allSatisfy({ (65...90).contains($0) }) {
                faults.add($countries, "must be codes of two capital letters, such as DE; \"\(country)\" is none")
            }
            if !home.hasPrefix("/") || home.hasPrefix("//") {
                faults.add($home, "must be a path of this site, such as /courses; it is \"\(home)\"")
            }
            if !TimeZoneName.exists(timeZone) {
                faults.add(
                    $timeZone,
                    "must be an IANA zone that this machine knows, such as Europe/Berlin; it is \"\(timeZone)\"")
            }
            if !ConfigurationFiles.isLanguage(locale) {
                faults.add($locale, "must be a language tag, such as en or pt-BR; it is \"\(locale)\"")
            }
        }
    }

    /// Whether a text can be a BCP 47 tag.
    static func isLanguage(_ text: String) -> Bool {
        text.utf8.count >= 2
            && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { part in
                (1...8).contains(part.utf8.count)
                    && part.utf8.allSatisfy {
                        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    }
            }
    }
}
