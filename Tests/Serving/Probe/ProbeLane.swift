import FastCGI
import Glibc
import Synchronization

private let served = Atomic<Int>(0)

/// Answers by DOCUMENT_URI.
///
/// - `/hello`: `{"hello":"world"}`
/// - `/who`: the process id and the slot, after X-Ms milliseconds
/// - `/post`: how many bytes the body has, their sum, and the header X-Id, after X-Ms milliseconds; X-Fill dots follow
/// - `/die`: nothing, the process ends by SIGSEGV
final class ProbeLane: Lane {
    private let slot: Int
    private let most: Int
    private var body: [UInt8] = []
    private var answer: [UInt8] = []

    init(slot: Int, most: Int) {
        self.slot = slot
        self.most = most
    }

    func answer(_ exchange: borrowing Exchange) async {
        answer.removeAll(keepingCapacity: true)
        if at("/hello", exchange) {
            add("Status: 200\r\nContent-Type: application/json\r\n\r\n{\"hello\":\"world\"}")
        } else if at("/post", exchange) {
            await post(exchange)
        } else if at("/who", exchange) {
            await pause(exchange)
            add("Status: 200\r\nContent-Type: text/plain\r\n\r\n")
            answer.append(contentsOf: "\(getpid()) \(slot)".utf8)
        } else if at("/die", exchange) {
            signal(SIGSEGV, SIG_DFL)
            kill(getpid(), SIGSEGV)
        } else {
            add("Status: 404\r\nContent-Type: text/plain\r\n\r\nnothing here")
        }
        answer.withUnsafeBytes { _ = exchange.write($0) }
        if most < .max, served.add(1, ordering: .relaxed).newValue == most { kill(getpid(), SIGTERM) }
    }

    private func post(_ exchange: borrowing Exchange) async {
        do {
            try exchange.readBody(into: &body, limit: .max)
            await pause(exchange)
            let sum = body.reduce(0) { $0 + Int($1) }
            add("Status: 200\r\nContent-Type: text/plain\r\n\r\n")
            answer.append(contentsOf: "\(body.count) \(sum) \(number("HTTP_X_ID", exchange))\n".utf8)
            answer.append(contentsOf: repeatElement(0x2E, count: number("HTTP_X_FILL", exchange)))
        } catch {
            if case .tooLarge = error { add("Status: 413\r\n\r\n") } else { add("Status: 400\r\n\r\n") }
            answer.append(contentsOf: error.description.utf8)
        }
    }

    private func pause(_ exchange: borrowing Exchange) async {
        let pause = number("HTTP_X_MS", exchange)
        if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
    }

    private func at(_ path: StaticString, _ exchange: borrowing Exchange) -> Bool {
        guard let uri = exchange.parameter("DOCUMENT_URI") else { return false }
        return strcmp(uri, UnsafeRawPointer(path.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
    }

    private func number(_ name: StaticString, _ exchange: borrowing Exchange) -> Int {
        exchange.parameter(name).map { max(0, atol($0)) } ?? 0
    }

    private func add(_ text: StaticString) {
        answer.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
