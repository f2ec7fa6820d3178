import Foundation
import Glibc
import Kernel
import Testing

@Suite("A file that is no plugin's library is refused")
struct FileRefusalTests {
    private func refusal(_ path: String, for user: UInt32? = nil) throws -> LoadRefusal {
        let refusal = try #require(throws: LoadRefusal.self) { try Loader.examine(path, for: user) }
        #expect(refusal.description.hasPrefix(path + " "))
        return refusal
    }

    @Test("when nothing is there")
    func notFound() throws {
        let refusal = try refusal(try Workshop().folder + "/libMissing.so")
        #expect(refusal.code == .notFound)
        #expect(refusal.reason.contains("No such file or directory"))
    }

    @Test("when it is a folder or a pipe")
    func notAFile() throws {
        let workshop = try Workshop()
        #expect(try refusal(workshop.folder).code == .notAFile)
        let pipe = workshop.folder + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(try refusal(pipe).code == .notAFile)
    }

    @Test("when its group or everybody may change it", arguments: [0o775, 0o757])
    func writableByOthers(mode: Int) throws {
        let workshop = try Workshop()
        let copy = try workshop.altered(try Noticeboard.library())
        try workshop.permit(copy, mode)
        let refusal = try refusal(copy)
        #expect(refusal.code == .writableByOthers)
        #expect(refusal.reason.hasSuffix("run: chmod go-w \(copy)"))
    }

    @Test("when it belongs to neither root nor the user that will run it")
    func foreignOwner() throws {
        let workshop = try Workshop()
        let copy = try workshop.altered(try Noticeboard.library())
        // Root's files are everybody's to load, so root gives this one away.
        if geteuid() == 0 { #expect(chown(copy, 54_321, 54_321) == 0) }
        let refusal = try refusal(copy, for: 12_345)
        #expect(refusal.code == .foreignOwner)
        #expect(refusal.reason.contains("must belong to root or to user 12345"))
    }

    @Test("when it is no ELF file", arguments: ["", "\u{7F}ELF", "#!/bin/sh\nexit 0\n"])
    func notELF(text: String) throws {
        let workshop = try Workshop()
        #expect(try refusal(try workshop.file("libText.so", Data(text.utf8))).code == .notELF)
    }

    @Test("when it was built for another processor")
    func otherMachine() throws {
        let workshop = try Workshop()
        // e_machine: 243 is RISC-V.
        let copy = try workshop.altered(try Noticeboard.library()) { $0[18] = 243 }
        let refusal = try refusal(copy)
        #expect(refusal.code == .otherMachine)
        #expect(refusal.reason.hasPrefix("was built for ELF machine 243 and this machine is "))
    }

    @Test("when it is no shared library")
    func notShared() throws {
        let workshop = try Workshop()
        // e_type: 2 is an executable at a fixed address.
        let copy = try workshop.altered(try Noticeboard.library()) { $0[16] = 2 }
        #expect(try refusal(copy).code == .notShared)
    }

    @Test("when it ends too early, wherever it was cut", arguments: [10, 20, 63, 64, 100, 2_000])
    func truncated(length: Int) throws {
        let workshop = try Workshop()
        let copy = try workshop.altered(try Noticeboard.library()) { $0 = $0.prefix(length) }
        #expect(try refusal(copy).code == .truncated)
    }

    @Test("when the last mapped segment lacks its last byte")
    func lastByteMissing() throws {
        let workshop = try Workshop()
        let copy = try workshop.altered(try Noticeboard.library()) { bytes in
            bytes = bytes.prefix(try #require(endOfSegments(bytes)) - 1)
        }
        #expect(try refusal(copy).code == .truncated)
    }

    @Test("when its headers count in numbers that overflow")
    func overflow() throws {
        let workshop = try Workshop()
        let library = try Noticeboard.library()
        // e_phoff: beyond Int, then at its end.
        for high: UInt8 in [0xFF, 0x7F] {
            let copy = try workshop.altered(library) { bytes in
                for offset in 32..<39 { bytes[offset] = 0xFF }
                bytes[39] = high
            }
            #expect(try refusal(copy).code == .truncated)
        }
    }

    /// Where the last segment that is mapped ends in the file.
    private func endOfSegments(_ bytes: Data) -> Int? {
        func number<T: FixedWidthInteger>(_ type: T.Type, _ offset: Int) -> Int {
            Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: T.self) })
        }
        let table = number(UInt64.self, 32)
        return (0..<number(UInt16.self, 56)).map { table + $0 * number(UInt16.self, 54) }
            .filter { number(UInt32.self, $0) == 1 }
            .map { number(UInt64.self, $0 + 8) + number(UInt64.self, $0 + 32) }
            .max()
    }
}
