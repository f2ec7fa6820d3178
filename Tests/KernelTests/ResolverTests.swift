import Kernel
import Lyceum
import Testing

private struct Alpha: Plugin {
    static let manifest = Manifest(id: "alpha", version: "1.2.0", requires: [.plugin("beta", from: "1.0.0")])
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}
private struct Beta: Plugin {
    static let manifest = Manifest(id: "beta", version: "1.0.0")
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}
private struct NewBeta: Plugin {
    static let manifest = Manifest(id: "beta", version: "2.0.0")
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}
private struct RoundBeta: Plugin {
    static let manifest = Manifest(id: "beta", version: "1.0.0", optional: [.plugin("gamma", from: "1.0.0")])
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}
private struct Gamma: Plugin {
    static let manifest = Manifest(id: "gamma", version: "1.0.0", requires: [.plugin("alpha", from: "1.0.0")])
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}
private struct Nameless: Plugin {
    static let manifest = Manifest(id: "Not An Id", version: "1.0.0")
    static var declarations: [any Declaration] { [] }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}
private struct Thief: Plugin {
    static let manifest = Manifest(id: "thief", version: "1.0.0")
    static var declarations: [any Declaration] { Permission("beta.thing.edit", "Edits.", roles: []) }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}

@Suite("Plugins are put in order, or refused with both sides named")
struct ResolverTests {
    private func order(_ wanted: [String], _ plugins: [any Plugin.Type]) throws -> [String] {
        try Resolver.order(wanted, in: try Registry(plugins), region: "academy").map(\.id)
    }

    private func sentence(_ body: () throws -> Void) -> String {
        do { try body() } catch { return "\(error)" }
        return "nothing was thrown"
    }

    @Test("a plugin comes after those it needs")
    func order() throws {
        #expect(try order(["alpha", "beta"], [Alpha.self, Beta.self]) == ["beta", "alpha"])
    }

    @Test("a missing dependency is named, with who needs it")
    func missing() {
        #expect(
            sentence { _ = try order(["alpha"], [Alpha.self, Beta.self]) }
                == "region academy enables alpha 1.2.0, which requires beta 1.0.0 or later, before 2.0.0, but does not "
                + "enable beta; enable it, or disable alpha")
    }

    @Test("a version that does not fit is named, with what would fit")
    func version() {
        #expect(
            sentence { _ = try order(["alpha", "beta"], [Alpha.self, NewBeta.self]) }
                == "region academy: alpha 1.2.0 works with beta 1.0.0 or later, before 2.0.0, but beta is 2.0.0 (built in)"
        )
    }

    @Test("a circle is named all the way round, optional dependencies included")
    func circle() {
        #expect(
            sentence { _ = try order(["alpha", "beta", "gamma"], [Alpha.self, RoundBeta.self, Gamma.self]) }
                == "region academy: plugins require each other in a circle: alpha -> beta -> gamma -> alpha; one of them "
                + "must let go")
    }

    @Test("an unknown plugin is named, with the nearest one there is")
    func unknown() {
        #expect(
            sentence { _ = try order(["btea"], [Alpha.self, Beta.self]) }
                == #"region academy enables the plugin "btea", which nobody provides; did you mean "beta"?"#)
    }

    @Test("an id taken twice names both sides")
    func taken() {
        #expect(
            sentence { _ = try Registry([Beta.self, NewBeta.self]) }
                == #"two plugins have the id "beta": version 1.0.0 (built in) and version 2.0.0 (built in); remove one "#
                + "of them from the configuration")
    }

    @Test("a malformed id, and a name of somebody else's, are refused")
    func names() {
        #expect(sentence { _ = try Registry([Nameless.self]) }.contains("\"Not An Id\" (built in) is not accepted"))
        #expect(
            sentence { _ = try Registry([Thief.self]) }
                == #"the plugin thief (built in) declares permission beta.thing.edit (admin), but its names begin with "thief.""#
        )
    }
}
