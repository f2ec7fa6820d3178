internal import JSON
internal import PostgreSQL

extension RowPlan {
    func write(_ result: Result, rows: Range<Int>, to out: JSONWriter) throws {
        try moves.withUnsafeBufferPointer { moves in
            try prefixes.withUnsafeBufferPointer { prefixes in
                for row in rows {
                    if out.isOver { throw ResponseTooLarge() }
                    if row > rows.lowerBound { out.byte(UInt8(ascii: ",")) }
                    try write(result, row, moves, prefixes, to: out)
                }
            }
        }
    }

    @inline(__always)
    private func write(
        _ result: Result, _ row: Int, _ moves: UnsafeBufferPointer<Move>, _ prefixes: UnsafeBufferPointer<UInt64>,
        to out: JSONWriter
    ) throws {
        var index = 0
        while index < moves.count {
            let move = moves[index]
            index &+= 1
            copy(prefixes, move, to: out)
            if move.kind == .nothing { continue }
            let column = Int(move.column)
            guard let bytes = result.bytes(row: row, column: column), let text = bytes.baseAddress else {
                if move.required {
                    throw refuse(result, row, column, "is null, but \(object.name) has no optional there")
                }
                out.null()
                index &+= Int(move.skip)
                continue
            }
            let length = bytes.count
            switch move.kind {
            case .raw: out.short(text, length)
            case .text: out.string(text, length)
            case .quoted: out.quoted(text, length)
            case .boolean: out.bool(text[0] == UInt8(ascii: "t"))
            case .number:
                // NaN, Infinity and -Infinity are the ones that end in a letter.
                guard length > 0, text[length &- 1] <= UInt8(ascii: "9") else {
                    throw unfit(result, row, column, bytes)
                }
                out.raw(text, length)
            case .date:
                // Infinity, years beyond four digits and "BC" have other lengths.
                guard length == 10 else { throw unfit(result, row, column, bytes) }
                out.quoted(text, length)
            case .instant:
                guard length >= 22, length <= 29, text[4] == UInt8(ascii: "-"), text[10] == UInt8(ascii: " "),
                    text[length &- 3] == UInt8(ascii: "+"), text[length &- 1] == UInt8(ascii: "0")
                else { throw unfit(result, row, column, bytes) }
                out.instant(postgres: text, length)
            case .array: try array(result, row, column, bytes, to: out)
            case .object, .nothing: break
            }
        }
    }

    @inline(__always)
    private func copy(_ prefixes: UnsafeBufferPointer<UInt64>, _ move: Move, to out: JSONWriter) {
        let length = Int(move.prefixLength)
        let start = Int(move.prefixStart)
        // Whole words are written, at least two; what they write too much is written over.
        out.append(upTo: length &+ 16) { to in
            UnsafeMutableRawPointer(to).storeBytes(of: prefixes[start], as: UInt64.self)
            UnsafeMutableRawPointer(to + 8).storeBytes(of: prefixes[start &+ 1], as: UInt64.self)
            var at = 16
            while at < length {
                UnsafeMutableRawPointer(to + at).storeBytes(of: prefixes[start &+ at / 8], as: UInt64.self)
                at &+= 8
            }
            return length
        }
    }

    @inline(never)
    func refuse(_ result: Result, _ row: Int, _ column: Int, _ sentence: String) -> RowError {
        RowError(description: "the column \(result.columnName(column)) \(sentence) (row \(row + 1))")
    }

    @inline(never)
    func unfit(_ result: Result, _ row: Int, _ column: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> RowError {
        let value = String(decoding: bytes.prefix(40), as: UTF8.self)
        return refuse(result, row, column, "holds \(value), which \(object.name) cannot show")
    }

    /// `{1,2}` becomes `[1,2]`.
    @inline(never)
    private func array(
        _ result: Result, _ row: Int, _ column: Int, _ bytes: UnsafeBufferPointer<UInt8>, to out: JSONWriter
    ) throws {
        guard let items: [String?] = SQLArray.read(bytes) else {
            throw refuse(result, row, column, "holds an array of several dimensions, or one that does not begin at 1")
        }
        let type = result.columnType(column)
        out.openList()
        for item in items {
            out.comma()
            guard let item else { throw refuse(result, row, column, "holds an array with a null in it") }
            switch type {
            case 1000: out.bool(item == "t")
            case 1005, 1007, 1016: out.json(item)
            case 1021, 1022, 1231:
                guard item.utf8.last.map({ $0 <= UInt8(ascii: "9") }) == true else {
                    throw refuse(result, row, column, "holds \(item), which \(object.name) cannot show")
                }
                out.json(item)
            case 1182, 1185:
                var item = item
                let fits = item.withUTF8 { text in
                    if type == 1182, Day(sql: text) == nil { return false }
                    guard type == 1185 else {
                        out.string(text)
                        return true
                    }
                    guard let instant = Instant(sql: text) else { return false }
                    out.instant(instant)
                    return true
                }
                guard fits else { throw refuse(result, row, column, "holds \(item), which \(object.name) cannot show") }
            default: out.string(item)
            }
        }
        out.closeList()
    }
}

extension JSONWriter {
    /// Copies what is mostly a few bytes long without a call: two overlapping halves.
    @inline(__always)
    func short(_ text: UnsafePointer<UInt8>, _ length: Int) {
        guard length <= 16 else { return raw(text, length) }
        let from = UnsafeRawPointer(text)
        append(upTo: 16) { to in
            let to = UnsafeMutableRawPointer(to)
            if length >= 8 {
                to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
                let last = from.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
                to.storeBytes(of: last, toByteOffset: length &- 8, as: UInt64.self)
            } else if length >= 4 {
                to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
                let last = from.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self)
                to.storeBytes(of: last, toByteOffset: length &- 4, as: UInt32.self)
            } else {
                for at in 0..<length { to.storeBytes(of: text[at], toByteOffset: at, as: UInt8.self) }
            }
            return length
        }
    }

    /// `2026-11-21 09:11:44.25+00` becomes `"2026-11-21T09:11:44.25Z"`.
    @inline(__always)
    func instant(postgres text: UnsafePointer<UInt8>, _ length: Int) {
        append(upTo: length) { to in
            to[0] = UInt8(ascii: "\"")
            (to + 1).update(from: text, count: length &- 3)
            to[11] = UInt8(ascii: "T")
            to[length &- 2] = UInt8(ascii: "Z")
            to[length &- 1] = UInt8(ascii: "\"")
            return length
        }
    }
}

extension RowPlan {
    /// Writes one value of a list, an object or a union.
    func write(_ result: Result, _ row: Int, _ column: Int, to out: JSONWriter) throws {
        guard let bytes = result.bytes(row: row, column: column), let text = bytes.baseAddress else {
            return out.null()
        }
        if [114, 3802].contains(result.columnType(column)) {
            out.raw(text, bytes.count)
        } else {
            try array(result, row, column, bytes, to: out)
        }
    }
}
