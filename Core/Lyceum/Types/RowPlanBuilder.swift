/// Makes the moves of a plan.
///
/// Braces and commas that are known beforehand become part of the prefixes.
struct RowPlanBuilder {
    let object: ObjectSchema
    let columns: [(name: String, type: UInt32)]
    var moves: [RowPlan.Move] = []
    var prefixes: [UInt64] = []
    var slots: [RowPlan.Slot] = []
    private var used: Set<Int> = []
    private var pending = ""

    init(_ object: ObjectSchema, _ columns: [(name: String, type: UInt32)]) {
        (self.object, self.columns) = (object, columns)
    }

    mutating func build() throws {
        var names: Set<String> = []
        if let twice = columns.first(where: { !names.insert($0.name).inserted }) {
            throw DescriptionError("two columns are called \(twice.name); give one of them another name with \"as\"")
        }
        try add(object, "", "")
        emit(.nothing, column: 0, required: false)
        if let extra = columns.indices.first(where: { !used.contains($0) && !columns[$0].name.hasPrefix("_") }) {
            throw DescriptionError(
                "the column \(columns[extra].name) belongs to no field of \(object.name); one that is only used in SQL "
                    + "has a name that begins with an underscore")
        }
    }

    /// `open` and `close` stand around the members.
    private mutating func add(_ object: ObjectSchema, _ prefix: String, _ path: String) throws {
        pending += "{"
        for (index, field) in object.fields.enumerated() {
            pending += (index == 0 ? "\"" : ",\"") + field.name + "\":"
            try add(field, column: prefix + Self.snake(field.name), prefix, path + field.name)
        }
        pending += "}"
    }

    private mutating func add(_ field: FieldSchema, column: String, _ prefix: String, _ path: String) throws {
        let required = !field.nullable
        if case .object(let inner) = field.schema, !columns.contains(where: { $0.name == column }) {
            return try add(inner, of: field, column, prefix, path)
        }
        let kind = try kind(of: field.schema, column, path)
        let index = try find([column], path)
        try accept(index, kind.types, kind.wanted, path)
        slots.append(RowPlan.Slot(column: index, span: 0, field: field))
        emit(kind.kind, column: index, required: required)
    }

    private mutating func add(
        _ inner: ObjectSchema, of field: FieldSchema, _ column: String, _ prefix: String, _ path: String
    ) throws {
        let slot = slots.count
        var object: Int?
        if field.nullable {
            object = moves.count
            emit(.object, column: 0, required: false)
        }
        slots.append(RowPlan.Slot(column: 0, span: 1, field: field))
        if inner.type == ObjectIdentifier(Money.self) {
            let amount = try find([column + "_minor"], path)
            try accept(amount, Self.whole, "a whole number", path)
            let currency = try find([column + "_currency", prefix + "currency"], path)
            try accept(currency, nil, "text", path)
            pending += "{\"amount\":"
            slots.append(RowPlan.Slot(column: amount, span: 0, field: inner.fields[0]))
            emit(.raw, column: amount, required: true)
            pending += ",\"currency\":"
            slots.append(RowPlan.Slot(column: currency, span: 0, field: inner.fields[1]))
            emit(.text, column: currency, required: true)
            pending += "}"
        } else {
            try add(inner, column + "_", path + ".")
        }
        // A null object is told by its first column that may not be null.
        let probe = slots[(slot + 1)...].first { $0.span == 0 && !$0.field.nullable }?.column
        if let object {
            guard let probe else {
                throw DescriptionError(
                    "\(self.object.name).\(path) is optional, and so is each of its fields; nothing tells when it is null"
                )
            }
            emit(.nothing, column: 0, required: false)  // what closes it must be passed over too
            moves[object].column = Int32(probe)
            moves[object].skip = UInt16(moves.count - object - 1)
        }
        slots[slot] = RowPlan.Slot(column: probe ?? 0, span: slots.count - slot, field: field)
    }

    private mutating func emit(_ kind: RowPlan.Kind, column: Int, required: Bool) {
        let bytes = Array(pending.utf8)
        pending = ""
        moves.append(
            RowPlan.Move(
                kind: kind, required: required, column: Int32(column), prefixStart: Int32(prefixes.count),
                prefixLength: Int32(bytes.count)))
        for start in stride(from: 0, to: max(bytes.count, 16), by: 8) {
            var word: UInt64 = 0
            for byte in bytes.dropFirst(start).prefix(8).reversed() { word = word << 8 | UInt64(byte) }
            prefixes.append(word.littleEndian)  // the first byte comes first in memory
        }
    }

    private mutating func find(_ names: [String], _ path: String) throws -> Int {
        for name in names {
            guard let index = columns.firstIndex(where: { $0.name == name }) else { continue }
            used.insert(index)
            return index
        }
        let free = columns.indices.filter { !used.contains($0) }.map { columns[$0].name }
        let near = nearest(names[0], free).map { "; did you mean the column \($0)?" } ?? ""
        throw DescriptionError("\(object.name).\(path) needs a column \(names.joined(separator: " or "))\(near)")
    }

    /// Nil types accept whatever reads as text.
    private func accept(_ column: Int, _ types: Set<UInt32>?, _ wanted: String, _ path: String) throws {
        let (name, type) = columns[column]
        if types.map({ $0.contains(type) }) ?? !Self.notText.contains(type) { return }
        throw DescriptionError(
            "\(object.name).\(path) needs \(wanted), but the column \(name) is of type \(Self.typeNames[type] ?? "\(type)")"
        )
    }

    private func kind(
        of schema: Schema, _ column: String, _ path: String
    ) throws -> (kind: RowPlan.Kind, types: Set<UInt32>?, wanted: String) {
        switch schema {
        case .boolean: (.boolean, [16], "a boolean")
        case .integer: (.raw, Self.whole, "a whole number (cast numeric to bigint)")
        case .number: (.number, Self.whole.union([700, 701, 1700]), "a number")
        case .string(.instant, _): (.instant, [1184], "a timestamptz")
        case .string(.date, _): (.date, [1082], "a date")
        case .string(.uuid, _): (.quoted, [2950], "a uuid")
        case .string, .choice: (.text, nil, "text")
        case .list(let element, _):
            if let type = columns.first(where: { $0.name == column })?.type, Self.json.contains(type) {
                (.raw, Self.json, "json")
            } else {
                (.array, try arrays(of: element), "an array or json (cast an array of enums to text[])")
            }
        case .object, .union, .any: (.raw, Self.json, "json")
        }
    }

    private func arrays(of element: Schema) throws -> Set<UInt32> {
        switch element {
        case .boolean: [1000]
        case .integer: [1005, 1007, 1016]
        case .number: [1005, 1007, 1016, 1021, 1022, 1231]
        case .string(.instant, _): [1185]
        case .string(.date, _): [1182]
        case .string(.uuid, _): [2951]
        case .string, .choice: [1009, 1015]
        case .list, .object, .union, .any: Self.json
        }
    }

    private static let whole: Set<UInt32> = [20, 21, 23]
    private static let json: Set<UInt32> = [114, 3802]
    private static let notText: Set<UInt32> = [16, 17, 114, 3802, 1082, 1083, 1114, 1184, 1186, 1266]
    private static let typeNames: [UInt32: String] = [
        16: "boolean", 17: "bytea", 20: "bigint", 21: "smallint", 23: "integer", 25: "text", 114: "json", 700: "real",
        701: "double precision", 1000: "boolean[]", 1005: "smallint[]", 1007: "integer[]", 1009: "text[]",
        1015: "varchar[]", 1016: "bigint[]", 1043: "varchar", 1082: "date", 1083: "time",
        1114: "timestamp without time zone", 1184: "timestamptz", 1185: "timestamptz[]", 1186: "interval",
        1266: "time with time zone", 1700: "numeric", 2950: "uuid", 2951: "uuid[]", 3802: "jsonb",
    ]

    /// `startsAt` is `starts_at`.
    static func snake(_ name: String) -> String {
        name.reduce(into: "") { if $1.isUppercase { $0 += "_" + $1.lowercased() } else { $0.append($1) } }
    }
}
