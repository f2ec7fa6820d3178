public import Lyceum

extension Registry {
    /// Makes a registry of the platform's own plugins and those of third parties, whose files are checked and loaded.
    ///
    /// - Throws: ``RegistryError`` or `LoadRefusal`, each a sentence.
    public init(_ linked: [any Plugin.Type], libraries: [Generation.Library]) throws {
        try self.init(linked)
        for library in libraries {
            try add(KnownPlugin(try Loader.load(library.path, id: library.id), origin: .library(library.path)))
        }
    }
}
