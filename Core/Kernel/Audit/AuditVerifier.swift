internal import Lyceum
internal import PostgreSQL

/// Follows the chain from its beginning and compares: each seal with the one before and with the file, each entry with its hash.
struct AuditVerifier {
    let connection: Connection
    let heads: AuditHeads?
    /// What has the audit kept now; nil: nothing.
    var trail: AuditTrail?

    /// For how many days everything is kept; nil: for ever, or nobody says.
    private var keepDays: Int? { trail?.keepDays }

    func run(_ found: inout AuditVerification, _ progress: (Int64, Int64) -> Void) throws {
        let total: Int64 = try connection.query("select count(*) from lyceum.audit_seal").row(0).only()
        let written = try self.written()
        var expected: [Int64: String] = [:]
        for line in written { expected[line.number] = line.head }
        var (number, previous) = (0 as Int64, AuditChain.beginning)
        if let start = try start() {
            (number, previous) = (start.number, start.head)
            found.begins = (start.number, start.at)
            try compare(start, written.last { $0.number == start.number }, &found)
        }
        var isRewritten = false
        while !found.hasMore {
            let seals = try seals(after: number)
            guard !seals.isEmpty else { break }
            for (seal, head) in seals where !found.hasMore {
                if seal.number != number + 1 {
                    found.problems.append(Self.gap(number + 1, seal.number - 1))
                } else if seal.previous != previous {
                    found.problems.append(
                        "seal \(seal.number) does not follow seal \(number): the chain is broken there")
                }
                if seal.head != head {
                    found.problems.append("seal \(seal.number) was altered: its hash is another than its head")
                }
                if let line = expected[seal.number] {
                    found.compared += 1
                    if line != hexadecimal(head), !isRewritten {
                        isRewritten = true
                        found.problems.append(
                            """
                            the chain was rewritten from seal \(seal.number) on: its head is \(hexadecimal(head)), and \
                            \(heads?.path ?? "") has \(line), as it was when it was sealed
                            """)
                    }
                }
                try compare(seal, &found)
                (number, previous) = (seal.number, head)
                found.seals += 1
                progress(found.seals, total)
            }
        }
        if let last = written.last, last.number > number, !found.hasMore {
            found.problems.append("\(Self.gap(number + 1, last.number)), which \(heads?.path ?? "") has")
        }
        try findInserted(&found)
    }

    /// The last seal that was removed for its age.
    private struct Start {
        let number: Int64
        let head: [UInt8]
        let at: String
        /// For how many days everything was kept then.
        let days: Int
    }

    private func start() throws -> Start? {
        let rows = try connection.query("select number, head, at::text, days from lyceum.audit_start")
        guard var row = rows.first else { return nil }
        return Start(number: try row.next(), head: try row.next(), at: try row.next(), days: try row.next())
    }

    /// Where the chain begins with what the file says of that seal: who removes more than is old has to know its head, and
    /// cannot say that it was made earlier.
    private func compare(_ start: Start, _ line: AuditHeads.Line?, _ found: inout AuditVerification) throws {
        if let line, line.head != hexadecimal(start.head) {
            found.problems.append(
                """
                the chain does not begin where it was cut: the head of seal \(start.number) is noted as \
                \(hexadecimal(start.head)), and \(heads?.path ?? "") has \(line.head)
                """)
        }
        let at = line.flatMap { $0.at.isEmpty ? nil : $0.at } ?? start.at
        if try isKept(at, start.days) {
            found.problems.append(
                """
                what was recorded up to \(at) (seal \(start.number)) was removed, which is less than the \
                \(start.days) days ago for which it was kept
                """)
        } else if trail != nil, keepDays == nil {
            found.problems.append(
                """
                what was recorded up to \(at) (seal \(start.number)) was removed as older than \(start.days) days, and \
                the region's settings have everything kept
                """)
        } else if let keepDays, try isKept(at, keepDays) {
            // It may have been right with the setting of its time, which nobody but who changed it knows.
            found.notes.append(
                """
                what was recorded up to \(at) (seal \(start.number)) was removed when everything was kept for \
                \(start.days) days; now it is \(keepDays)
                """)
        }
    }

    /// Whether a moment is less than so many days ago.
    private func isKept(_ at: String, _ days: Int) throws -> Bool {
        try connection.query("select \(at)::timestamptz > clock_timestamp() - \(days) * interval '1 day'").row(0).only()
    }

    private static func gap(_ first: Int64, _ last: Int64) -> String {
        first == last ? "seal \(first) was removed" : "seals \(first) to \(last) were removed"
    }

    private func written() throws -> [AuditHeads.Line] {
        var lines: [AuditHeads.Line] = []
        try heads?.read { if let line = $0 { lines.append(line) } }
        return lines
    }

    private func seals(after number: Int64) throws -> [(AuditSeal, head: [UInt8])] {
        let rows = try connection.query(
            """
            select number, at::text, entries, hashes, previous, head from lyceum.audit_seal
            where number > \(number) order by number limit 20
            """)
        return try rows.map { row in
            var row = row
            let seal = AuditSeal(
                number: try row.next(), at: try row.next(), entries: try row.next(), hashes: try row.next(),
                previous: try row.next())
            return (seal, try row.next())
        }
    }

    /// The entries of a seal with the hashes that it has of them.
    private func compare(_ seal: AuditSeal, _ found: inout AuditVerification) throws {
        guard seal.hashes.count == seal.entries.count * 32 else {
            return found.problems.append("seal \(seal.number) was altered: it has not one hash for each of its entries")
        }
        let rows = try connection.query(
            "select \(AuditChain.columns) from lyceum.audit_entry where id = any (\(seal.entries))")
        var hashes: [Int64: (hash: [UInt8], name: String)] = [:]
        for index in 0..<rows.rowCount {
            var row = rows.row(index)
            let id: Int64 = try row.next()
            row.skip()
            let (entity, key): (String, String) = (try row.next(), try row.next())
            hashes[id] = (AuditChain.hash(rows, index), "\(entity) \(key)")
        }
        found.entries += Int64(seal.entries.count)
        for (place, id) in seal.entries.enumerated() where !found.hasMore {
            guard let one = hashes[id] else {
                found.problems.append("entry \(id) was removed; seal \(seal.number) has it")
                continue
            }
            if !one.hash.elementsEqual(seal.hashes[place * 32..<place * 32 + 32]) {
                found.problems.append("entry \(id) (\(one.name)) was altered after seal \(seal.number)")
            }
        }
    }

    /// Entries that no seal has although the time to seal them is over, and how many still wait.
    private func findInserted(_ found: inout AuditVerification) throws {
        let rows = try connection.query(
            """
            select entry.id, entry.entity, entry.key,
                not pg_visible_in_snapshot(entry.xid, place.done) and not coalesce(
                    entry.id <= place.position and pg_visible_in_snapshot(entry.xid, place.target), false)
            from lyceum.audit_entry as entry cross join lyceum.audit_position as place
            where not exists (select from (select unnest(entries) as id from lyceum.audit_seal) as sealed
                where sealed.id = entry.id)
            order by 4, entry.id limit 100000
            """)
        for var row in rows where !found.hasMore {
            let (id, entity, key): (Int64, String, String) = (try row.next(), try row.next(), try row.next())
            if try row.next() as Bool {
                found.unsealed += 1
            } else {
                found.problems.append("entry \(id) (\(entity) \(key)) was inserted: no seal has it")
            }
        }
    }
}
