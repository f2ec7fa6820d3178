import Kernel
import Testing

@Suite("A host checks the library it runs with")
struct HostTests {
    @Test("one build fits itself")
    func fits() throws {
        try Loader.verifyHost(KernelRecord.compiledAgainst())
        #expect("\(KernelRecord.compiledAgainst())" == "\(KernelRecord.compiledFrom())")
    }

    @Test("the record of the machinery covers the contract too")
    func covers() throws {
        let record = try #require(BuildRecord("\(KernelRecord.compiledFrom())"))
        #expect(
            record.modules.map(\.name) == ["FastCGI", "JSON", "Kernel", "Lyceum", "Package.swift", "PostgreSQL"])
    }

    @Test("an executable of another build is told which sources differ")
    func differs() throws {
        let refusal = try #require(throws: LoadRefusal.self) {
            try Loader.verifyHost(
                """
                lyceum-record:1;release=0.0.1;compiler=Swift version 5.0;\
                Kernel=0000000000000000000000000000000000000000000000000000000000000000;end
                """)
        }
        #expect(refusal.code == .otherHost)
        #expect(refusal.reason.hasSuffix("Kernel, the compiler differ; install both from one build"))
    }

    @Test("a text that is no record is refused")
    func malformed() throws {
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.verifyHost("lyceum-record:2;end") }
        #expect(refusal.code == .malformedRecord)
    }
}
