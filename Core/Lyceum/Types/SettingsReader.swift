/// A plugin's settings as people read them.
public enum SettingsReader {
    /// A line for each setting, as `lyceum settings` shows it; of a secret only that it is one.
    public static func table(_ object: ObjectSchema) -> [String] {
        object.fields.map { field in
            let state = field.secret ? "secret" : field.required ? "required" : "default \(field.preset ?? "none")"
            return "\(field.name) (\(state))\(field.about.isEmpty ? "" : ": \(field.about)")"
        }
    }
}
