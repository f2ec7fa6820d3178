/// A connection string of the configuration.
enum ConnectionString {
    /// The string for a region: `{region}` becomes its name with underscores.
    static func text(_ template: String, region: String) -> String {
        template.replacing("{region}", with: region.replacing("-", with: "_"))
    }
}
