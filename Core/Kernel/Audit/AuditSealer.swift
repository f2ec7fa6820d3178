internal import FastCGI
internal import Glibc
internal import Lyceum
internal import PostgreSQL
internal import Synchronization

/// Seals a region's audit, on a thread of its own in the delivery process: each second, and at once while there is more.
///
/// A batch is one transaction, in which the row that says up to where is sealed is locked; so one process of one host seals at
/// a time, and one that is killed leaves nothing half done:
///
///     idle ──entries──▶ taken (row locked) ──seal and position committed──▶ heads appended to the file ──▶ idle
///                          └──killed, or the connection lost──▶ idle       └──killed──▶ appended by the next round
public final class AuditSealer: Sendable {
    private let runtime: Runtime
    private let heads: AuditHeads?
    private let log: Log
    private let bell: SignalPipe
    private let stopping = Atomic<Bool>(false)

    private struct State {
        /// The last seal whose head is in the file; nil before the file was looked at.
        var written: Int64?
        var isAway = false
        var isRewritten = false
        /// When the log was last told a head, in microseconds.
        var told: UInt64 = 0
    }

    init(_ runtime: Runtime, _ heads: AuditHeads?, _ log: Log) throws {
        (self.runtime, self.heads, self.log) = (runtime, heads, log)
        bell = try SignalPipe()
    }

    /// Asks ``run()`` to return once the batch in hand has been committed.
    func stop() {
        stopping.store(true, ordering: .relaxed)
        bell.send(1)
    }

    func run() {
        var state = State()
        while !stopping.load(ordering: .relaxed) {
            do {
                try runtime.pool.withConnection { connection in
                    let look = try AuditStore(connection: connection).look()
                    var last = look.last.number
                    if !look.isIdle {
                        while !stopping.load(ordering: .relaxed), let sealed = try AuditSealer.seal(connection) {
                            if sealed.number > 0 { last = sealed.number }
                            if sealed.isAll { break }
                        }
                    }
                    try follow(connection, last, &state)
                }
                if state.isAway { log.write(region: runtime.region.id, "the audit is sealed again") }
                state.isAway = false
            } catch {
                if !state.isAway {
                    log.write(level: .error, region: runtime.region.id, "the audit cannot be sealed: \(error)")
                }
                state.isAway = true
            }
            if case .signal = bell.wait(timeout: .seconds(1)) { while bell.next() != nil {} }
        }
    }

    /// Seals one batch, in a transaction.
    ///
    /// - Returns: the number of the seal, 0 where there was nothing to seal, and whether that was all; nil where somebody else
    ///   is at it.
    static func seal(_ connection: Connection) throws -> (number: Int64, isAll: Bool)? {
        let store = AuditStore(connection: connection)
        try connection.begin()
        do {
            guard let look = try store.take() else {
                connection.rollback()
                return nil
            }
            guard !look.isIdle else {
                connection.rollback()
                return (0, true)
            }
            var cursor = look.cursor
            let target: LogMoment
            if let under = cursor.target { target = under } else { target = try store.moment(look) }
            cursor.target = target
            let (at, rows) = try store.entries(cursor, to: target)
            let isAll = rows.rowCount < AuditChain.batch
            var seal = AuditSeal(
                number: look.last.number + 1, at: at, entries: [], hashes: [], previous: look.last.head)
            for index in 0..<rows.rowCount {
                seal.entries.append(try rows.row(index).only())
                seal.hashes += AuditChain.hash(rows, index)
            }
            cursor.position = seal.entries.last ?? cursor.position
            if !seal.entries.isEmpty { try store.add(seal) }
            try store.move(to: isAll ? cursor.arrived : cursor)
            try connection.commit()
            return (seal.entries.isEmpty ? 0 : seal.number, isAll)
        } catch {
            connection.rollback()
            throw error
        }
    }

    /// Writes down the heads that the file does not have yet, whichever host sealed them.
    private func follow(_ connection: Connection, _ last: Int64, _ state: inout State) throws {
        let store = AuditStore(connection: connection)
        guard let heads, !state.isRewritten else { return }
        if state.written == nil {
            let line = try heads.last()
            state.written = line?.number ?? 0
            if let line,
                try store.heads(after: line.number - 1, limit: 1).first.map({ hexadecimal($0.head) }) != line.head
            {
                state.isRewritten = true
                return log.write(
                    level: .error, region: runtime.region.id,
                    """
                    the audit was rewritten in the database: seal \(line.number) is another than the one in \(heads.path); \
                    `lyceum audit verify` says more
                    """)
            }
        }
        while let written = state.written, written < last {
            let fresh = try store.heads(after: written, limit: 1_000)
            guard let newest = fresh.last else { return }
            try heads.append(fresh)
            state.written = newest.number
            let now = Metrics.clock()
            guard now > state.told + 60_000_000 else { continue }
            state.told = now
            log.write(
                region: runtime.region.id,
                "the audit is sealed up to seal \(newest.number), \(hexadecimal(newest.head))")
        }
    }
}
