import Foundation
import Kernel
import Testing

@Suite("A library is refused by its record, before any of its code runs")
struct RecordRefusalTests {
    private let zeros = String(repeating: "0", count: 64)

    @Test("when the contract's sources were others, which it names")
    func otherContract() throws {
        let workshop = try Workshop()
        let (path, mark) = try workshop.library(record: ownRecord(with: "PostgreSQL", zeros))
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .otherContract)
        #expect(refusal.reason.hasPrefix("was built against other sources of PostgreSQL (release "))
        #expect(!mark.isSet)
        #expect(!isMapped(path))
    }

    @Test("when bytes of a real plugin's record differ")
    func alteredPlugin() throws {
        let workshop = try Workshop()
        let copy = try workshop.altered(try Noticeboard.library()) { bytes in
            let digest = try #require(bytes.range(of: Data(";Lyceum=".utf8))).upperBound
            bytes[digest] = bytes[digest] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        }
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(copy, id: "noticeboard") }
        #expect(refusal.code == .otherContract)
        #expect(refusal.reason.hasPrefix("was built against other sources of Lyceum (release "))
        #expect(!isMapped(copy))
    }

    @Test("when a contract that this installation lacks was imported")
    func unknownContract() throws {
        let workshop = try Workshop()
        let record = ownRecord.replacing(";end", with: ";AuctionsContract=\(zeros);end")
        let (path, mark) = try workshop.library(record: record)
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .otherContract)
        #expect(refusal.reason.contains("AuctionsContract"))
        #expect(!mark.isSet)
    }

    @Test("when another compiler built it")
    func otherCompiler() throws {
        let workshop = try Workshop()
        let (path, mark) = try workshop.library(record: ownRecord(with: "compiler", "Swift version 5.0"))
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .otherCompiler)
        #expect(refusal.reason.hasPrefix("was built by Swift version 5.0, and this installation by Swift version "))
        #expect(!mark.isSet)
    }

    @Test("when only one of two records fits")
    func secondRecord() throws {
        let workshop = try Workshop()
        let other = ownRecord(with: "JSON", zeros)
        let (path, mark) = try workshop.library(record: ownRecord, code: "const char second[] = \"\(other)\";")
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .otherContract)
        #expect(!mark.isSet)
    }

    @Test("when it has none")
    func noRecord() throws {
        let workshop = try Workshop()
        let (path, mark) = try workshop.library(record: nil)
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .noRecord)
        #expect(!mark.isSet)
    }

    @Test(
        "when it cannot be read",
        arguments: ["lyceum-record:1;", "lyceum-record:1;end", "lyceum-record:1;release=1;compiler=2;Lyceum=3;end"])
    func malformed(record: String) throws {
        let workshop = try Workshop()
        let (path, mark) = try workshop.library(record: record)
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.load(path, id: "noticeboard") }
        #expect(refusal.code == .malformedRecord)
        #expect(!mark.isSet)
    }

    @Test("but another release's name alone is no reason")
    func otherRelease() throws {
        let workshop = try Workshop()
        let (path, _) = try workshop.library(record: ownRecord(with: "release", "0.0.1"))
        #expect(try Loader.examine(path).record.release == "0.0.1")
    }
}
