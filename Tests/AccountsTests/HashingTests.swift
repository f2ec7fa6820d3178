import Foundation
import Lyceum
import Synchronization
import Testing

@Suite("Hashing passwords", .serialized)
struct HashingTests {
    @Test("two at a time; whoever waits longer than a second is told to come back")
    func turns() async throws {
        let one = try ContinuousClock().measure { _ = try Secrets.hash(password: "correct horse") }
        // Enough for three seconds at two at a time.
        let count = min(400, max(20, Int(6 / (Double(one.components.attoseconds) / 1e18))))
        let outcomes = Mutex((made: 0, busy: 0, other: 0, longest: Duration.zero))
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let group = DispatchGroup()
            for _ in 0..<count {
                group.enter()
                Thread.detachNewThread {
                    let began = ContinuousClock.now
                    do {
                        _ = try Secrets.hash(password: "correct horse")
                        outcomes.withLock { $0.made += 1 }
                    } catch let problem as Problem where problem.status == 503 && problem.code == "busy" {
                        outcomes.withLock { $0.busy += 1 }
                    } catch { outcomes.withLock { $0.other += 1 } }
                    outcomes.withLock { $0.longest = max($0.longest, ContinuousClock.now - began) }
                    group.leave()
                }
            }
            group.notify(queue: .global()) { continuation.resume() }
        }
        let (made, busy, other, longest) = outcomes.withLock { $0 }
        #expect(made >= 2 && busy > 0 && other == 0 && made + busy == count)
        #expect(longest < .seconds(8), "of \(count) somebody waited \(longest)")
        // Afterwards there are turns again.
        #expect(try Secrets.verify(password: "correct horse", against: try Secrets.hash(password: "correct horse")))
    }
}
