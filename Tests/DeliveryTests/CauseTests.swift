import Kernel
import Lyceum
import PostgreSQL
import Testing

@Suite("What is kept of a failure")
struct CauseTests {
    private struct Endless: CausedError, CustomStringConvertible {
        let description = "again"
        var cause: (any Error)? { self }
    }
    private enum Refused: PublicError {
        case full
        var problem: Problem {
            Problem(status: 409, code: "x.full", title: "The class is full.", detail: "Choose another.")
        }
    }

    @Test("errors, the outermost first, as they say it themselves; a problem in its words")
    func chain() {
        let error = FailedStep("the letter cannot be sent", cause: FailedStep("no place was had", cause: Refused.full))
        let causes = FailureCause.all(of: error)
        #expect(
            causes.map(\.sentence) == [
                "the letter cannot be sent", "no place was had", "The class is full. Choose another.",
            ])
        #expect(causes.map(\.kind) == ["FailedStep", "FailedStep", "Refused"])
        #expect(causes.map(\.description) == causes.map(\.sentence))
    }

    @Test("it is bounded: in depth, in the length of a sentence and of a statement, around the error's place")
    func bounds() throws {
        #expect(FailureCause.all(of: Endless()).count == 10)
        let long = String(repeating: "é", count: 5_000)
        let step = FailureCause.all(of: FailedStep(long + "\0", cause: Endless()))[0]
        #expect(step.sentence == String(repeating: "é", count: 1_000) + "…")
        #expect(FailureCause.all(of: FailedStep("a\0b", cause: Endless()))[0].sentence == "a\u{FFFD}b")
        var error = DatabaseError(.other, "syntax error", sqlState: "42601")
        error.statement = String(repeating: "a", count: 3_999) + "X" + String(repeating: "b", count: 4_000)
        error.position = 4_000
        let cause = try #require(FailureCause.all(of: error).first)
        let statement = try #require(cause.statement)
        #expect(statement.unicodeScalars.count == 2_002)
        #expect(statement.hasPrefix("…a") && statement.hasSuffix("b…"))
        let position = try #require(cause.position)
        #expect(Array(statement.unicodeScalars)[position - 1] == "X")
        error.position = nil
        #expect(FailureCause.all(of: error).first?.statement == String(repeating: "a", count: 2_000) + "…")
    }

    @Test("a constraint is named where the sentence does not name it")
    func constraint() {
        var error = DatabaseError(.unique, "doppelter Wert", sqlState: "23505")
        (error.constraint, error.table) = ("seat_unique", "courses.seat")
        #expect(
            FailureCause.all(of: error).first?.description
                == "courses.seat: doppelter Wert (23505); constraint seat_unique")
    }
}
