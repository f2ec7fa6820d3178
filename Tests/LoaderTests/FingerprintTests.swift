import Foundation
import Testing

@Suite("The fingerprint of a module")
struct FingerprintTests {
    private static let files = ["Package.swift=Package.swift", "One=One/a.swift", "One=One/a b.h", "Two=Two/a.swift"]

    /// Makes a small package and answers its record.
    private func record(
        _ workshop: Workshop, _ arguments: [String] = files, compiler: String = "Swift version 6.3.1 (release)",
        edit: (String) throws -> Void = { _ in }, environment: [String: String] = [:]
    ) throws -> [String: String] {
        let package = workshop.folder + "/package \(UUID().uuidString)"
        for folder in ["One", "Two"] {
            try FileManager.default.createDirectory(atPath: package + "/" + folder, withIntermediateDirectories: true)
        }
        for file in arguments.map({ $0.drop { $0 != "=" }.dropFirst() }) {
            try Data("text of \(file)".utf8).write(to: URL(filePath: package + "/" + file))
        }
        try Data("1.2.3\n".utf8).write(to: URL(filePath: package + "/VERSION"))
        let swiftc = package + "/swiftc"
        try Data("#!/bin/sh\necho '\(compiler)'\necho 'Target: somewhere'\n".utf8).write(to: URL(filePath: swiftc))
        try workshop.permit(swiftc, 0o755)
        try edit(package)

        let output = package + "/Record.swift"
        let script = Noticeboard.repository + "/Core/Plugins/Fingerprint/fingerprint.sh"
        try Command.run(
            ["sh", script, output, package, swiftc, "Record"] + arguments, seconds: 30, environment: environment)
        let text = try String(contentsOfFile: output, encoding: .utf8)
        let found = try #require(text.firstMatch(of: /"lyceum-record:1;(.*);end"/)).output.1
        return Dictionary(
            uniqueKeysWithValues: found.split(separator: ";").map { field in
                let parts = field.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), String(parts[1]))
            })
    }

    @Test("does not depend on the place of the checkout, the order of the files or the locale")
    func deterministic() throws {
        let workshop = try Workshop()
        let first = try record(workshop)
        #expect(Set(first.keys) == ["release", "compiler", "Package.swift", "One", "Two"])
        #expect(first["release"] == "1.2.3")
        #expect(first["compiler"] == "Swift version 6.3.1 (release)")
        #expect(try record(workshop, Self.files.reversed()) == first)
        #expect(try record(workshop, environment: ["LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8"]) == first)
    }

    @Test("changes with a file's bytes, and no other module's does")
    func bytes() throws {
        let workshop = try Workshop()
        let first = try record(workshop)
        let second = try record(workshop) { package in
            try Data("text of One/a.swift.".utf8).write(to: URL(filePath: package + "/One/a.swift"))
        }
        #expect(first["One"] != second["One"])
        #expect(first["Two"] == second["Two"])
        #expect(first["Package.swift"] == second["Package.swift"])
    }

    @Test("changes with a file more, and with a file's name")
    func names() throws {
        let workshop = try Workshop()
        let first = try record(workshop)
        let more = try record(workshop, Self.files + ["Two=Two/b.swift"])
        #expect(first["Two"] != more["Two"])
        #expect(first["One"] == more["One"])
        let renamed = try record(workshop, Self.files.dropLast() + ["Two=Two/c.swift"]) { package in
            try Data("text of Two/a.swift".utf8).write(to: URL(filePath: package + "/Two/c.swift"))
        }
        #expect(first["Two"] != renamed["Two"])
    }

    @Test("is not made when the compiler does not say what it is")
    func silentCompiler() throws {
        let workshop = try Workshop()
        let failure = try #require(throws: Command.Failure.self) { try record(workshop, compiler: "hello") }
        #expect(failure.description.contains("names no Swift version, so no record can be made"))
    }
}
