extension TemplateValue {
    /// Words of the catalogue, by their key: `.words("courses.nav.mine")`.
    public static func words(_ key: String) -> TemplateValue { .translated(Text(key)) }
}
