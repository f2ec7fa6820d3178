import Foundation
import PackagePlugin

/// Writes, into the module that uses it, the record of the sources and the compiler it is built from.
///
/// A binary built against other sources of Core than the host's crashes in ways that no version number foretells, because
/// release builds inline across modules. So the record has a digest for the module, and for each module it imports, over
/// all that the compiler reads: Swift files, and the module maps and headers of the C modules below it.
@main
struct Fingerprint: BuildToolPlugin {
    private static let extensions: Set<String> = ["swift", "h", "c", "modulemap"]

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let package = context.package.directoryURL
        var covered = ["Package.swift=Package.swift"]
        for module in [target] + target.recursiveTargetDependencies where !Self.isC(module) {
            // A C module is reached through its one wrapper, and counts as part of it.
            for folder in [module] + Self.directDependencies(of: module).filter(Self.isC) {
                covered += try Self.files(of: folder, in: package).map { "\(module.name)=\($0)" }
            }
        }
        let script = package.appending(path: "Plugins/Fingerprint/fingerprint.sh")
        let swiftc = try context.tool(named: "swiftc").url
        let output = context.pluginWorkDirectoryURL.appending(path: "\(target.name)Record.swift")
        let inputs = covered.map { package.appending(path: String($0.drop { $0 != "=" }.dropFirst())) }
        return [
            .buildCommand(
                displayName: "Fingerprint of \(target.name)",
                executable: URL(filePath: "/bin/sh"),
                arguments: [script.path, output.path, package.path, swiftc.path, "\(target.name)Record"]
                    + covered.sorted(),
                inputFiles: [script, swiftc, package.appending(path: "VERSION")] + inputs,
                outputFiles: [output])
        ]
    }

    private static func isC(_ module: any Target) -> Bool {
        module is SystemLibraryTarget || module is ClangSourceModuleTarget
    }

    private static func directDependencies(of module: any Target) -> [any Target] {
        module.dependencies.compactMap { if case .target(let target) = $0 { target } else { nil } }
    }

    /// The files of a module that a compiler reads, relative to the package.
    private static func files(of module: any Target, in package: URL) throws -> [String] {
        let root = package.standardizedFileURL.pathComponents
        let folder = module.directoryURL.standardizedFileURL.pathComponents.dropFirst(root.count)
        return try FileManager.default.subpathsOfDirectory(atPath: module.directoryURL.resolvingSymlinksInPath().path)
            .map { name in (folder + [name]).joined(separator: "/") }
            .filter { path in
                extensions.contains(URL(filePath: path).pathExtension)
                    && !path.split(separator: "/").contains { $0.hasPrefix(".") }
            }
    }
}
