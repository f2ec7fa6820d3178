internal import Foundation

/// The programs that were built together with the tests.
public enum TestPrograms {
    /// The path of a program, which lies beside the tests' own binary.
    public static func path(_ name: String) -> String {
        // Below .build/debug, wherever the test runner itself lies.
        let bundle =
            CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? loadedBundle() ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
    }

    private static func loadedBundle() -> String? {
        let arguments = CommandLine.arguments
        if let option = arguments.firstIndex(of: "--test-bundle-path"), arguments.indices.contains(option + 1) {
            return arguments[option + 1]
        }
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        return maps.split(separator: "\n").compactMap { line in
            line.hasSuffix(".xctest") ? line.firstIndex(of: "/").map { String(line[$0...]) } : nil
        }.first
    }
}
