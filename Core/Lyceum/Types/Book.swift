/// The types described so far, each once.
///
/// A book belongs to one thread; what it hands out belongs to all. It describes a type when it is first asked for it: at
/// start, while plugins are registered, so that a type that cannot be described stops the process with a sentence. What a
/// book described is never freed, and costs nothing afterwards.
public final class Book {
    private var known: [ObjectIdentifier: Schema] = [:]
    private var references: [String: ObjectIdentifier] = [:]
    private var depth = 0
    private let prefixes: [String: String]
    /// The objects, in the order in which they were described.
    public private(set) var objects: [ObjectSchema] = []
    /// The unions, in the order in which they were described.
    public private(set) var unions: [UnionSchema] = []

    /// An empty book.
    ///
    /// - Parameter prefixes: the plugin's id for each of its modules, `["CoursesContract": "courses"]`. A type's name in
    ///   OpenAPI begins with the id of the plugin in whose module it is declared; types of other modules, and of this
    ///   contract, have no prefix.
    public init(prefixes: [String: String] = [:]) { self.prefixes = prefixes }

    /// The schema of any type that decodes.
    public func schema<T: Decodable>(_ type: T.Type) throws -> Schema {
        if let schema = known[ObjectIdentifier(type)] { return schema }  // a type may hold a list of itself
        return try describe(type).schema
    }

    /// The schema of a type that is an object in JSON.
    public func object<T: Decodable>(_ type: T.Type) throws -> ObjectSchema {
        guard case .object(let object) = try schema(type) else {
            throw DescriptionError("\(type) is no object with named fields")
        }
        return object
    }

    /// An object that no Swift type decodes, such as the envelope of a list.
    func object(
        for type: Any.Type, named name: String, reference: String, _ fill: (ObjectSchema) throws -> Void
    ) throws -> ObjectSchema {
        if case .object(let object) = known[ObjectIdentifier(type)] { return object }
        return try entering {
            let object = ObjectSchema(name, reference: reference, type)
            known[ObjectIdentifier(type)] = .object(object)
            try claim(reference, type)
            try fill(object)
            objects.append(object)
            return object
        }
    }

    func describe<T: Decodable>(_ type: T.Type) throws -> (schema: Schema, example: T) {
        try entering {
            if let refused = type as? any Refused.Type { throw DescriptionError("\(type) \(refused.reason)") }
            if let described = type as? any Described.Type {  // also Array, Optional, Field, Change
                return (try described.schema(self), try same(described.example, type))
            }
            if let union = type as? any OneOf.Type {
                return (try describe(union: union), try same(union.sample(self), type))
            }
            if let cases = type as? any CaseIterable.Type, let (names, first) = choices(cases) {
                return (.choice(names), try same(first, type))
            }
            return try record(type)
        }
    }

    /// Nothing of a type that failed half-way may remain.
    private func entering<R>(_ body: () throws -> R) throws -> R {
        let before = depth == 0 ? (known, references, objects, unions) : nil
        depth += 1
        defer { depth -= 1 }
        do { return try body() } catch {
            if let before { (known, references, objects, unions) = before }
            throw error
        }
    }

    private func same<T>(_ value: Any, _ type: T.Type) throws -> T {
        guard let value = value as? T else { throw DescriptionError("\(type) has an example of another type") }
        return value
    }

    private func choices<C: CaseIterable>(_ type: C.Type) -> ([String], Any)? {
        let names = C.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        guard !names.isEmpty, let first = C.allCases.first else { return nil }
        return (names, first)
    }

    private func record<T: Decodable>(_ type: T.Type) throws -> (schema: Schema, example: T) {
        let id = ObjectIdentifier(type)
        let name = String(describing: type)
        let earlier = known[id]
        let object = ObjectSchema(name, reference: reference(type), type)
        if earlier == nil { known[id] = .object(object) }
        let recorder = Recorder(self, object)
        let example: T
        do { example = try T(from: recorder) } catch let error as DescriptionError { throw error } catch {
            throw DescriptionError(
                "\(name) cannot be described, because its init(from:) refuses sample values; make it Described, "
                    + "or, if it is an enum whose cases carry values, OneOf")
        }
        if let earlier { return (earlier, example) }
        if let scalar = recorder.scalar {
            known[id] = scalar
            return (scalar, example)
        }
        if object.fields.isEmpty, !Mirror(reflecting: example).children.isEmpty { throw recorder.byHand }
        try claim(object.reference, type)
        if let input = type as? any Input.Type {
            try adopt(input, object, recorder)
        } else {
            try compare(example, object)
        }
        object.isAnswer = type is any View.Type
        object.isVersioned = type is any Versioned.Type
        object.hasCursor = object.fields.contains(where: \.isCursor)
        if type is any Input.Type, !object.fields.contains(where: \.required) {
            let decoder = TreeDecoder(nil, object)
            let blank = try decoder.make(type)
            if decoder.faults.isEmpty { object.blank = Kept(blank) }
        }
        if let documented = type as? any Documented.Type { try adopt(documented.about, object) }
        objects.append(object)
        return (.object(object), example)
    }

    /// The compiler's init(from:) asks for every stored property, by its name and in its order; rows rely on it.
    private func compare(_ example: Any, _ object: ObjectSchema) throws {
        let stored = Mirror(reflecting: example).children.map { child in
            let label = child.label ?? ""
            return child.value is any AnyField ? String(label.dropFirst()) : label
        }
        for (name, field) in zip(stored, object.fields) where name != field.name {
            throw DescriptionError(
                "\(object.name).\(name) is decoded as \(field.name); keep the compiler's init(from:) and coding keys, "
                    + "or make \(object.name) Described")
        }
        guard stored.count == object.fields.count else {
            throw DescriptionError(
                "\(object.name) has \(stored.count) stored properties, but decodes \(object.fields.count) fields; "
                    + "keep the compiler's init(from:) and coding keys, or make it Described")
        }
    }

    /// Takes defaults, documentation and rules from a blank value.
    private func adopt<I: Input>(_ type: I.Type, _ object: ObjectSchema, _ recorder: Recorder) throws {
        object.checker = Checker<I> { $0.check(&$1) }
        let blank = Describing.blank(type)
        try compare(blank, object)
        for (child, slot) in zip(Mirror(reflecting: blank).children, object.fields) {
            if let field = child.value as? any AnyField {
                field.adopt(into: slot)
                continue
            }
            let optional = child.value is any AnyOptional
            guard optional == recorder.loose.contains(slot.name) else { throw recorder.byHand }
            slot.required = false
            guard let value = child.value as? any Decodable else { continue }
            slot.show(preset: value)
            if let maybe = child.value as? any AnyOptional { maybe.fall(back: slot) } else { fall(back: value, slot) }
        }
    }

    private func fall<T: Decodable>(back value: T, _ slot: FieldSchema) { slot.fallback = Kept(value) }

    private func adopt(_ about: [String: String], _ object: ObjectSchema) throws {
        for (name, text) in about {
            guard let slot = object.field(named: name) else {
                let near = nearest(name, object.fields.map(\.name)).map { "; did you mean \($0)?" } ?? ""
                throw DescriptionError("\(object.name).about names \(name), which is no field of it\(near)")
            }
            slot.about = text
        }
    }

    private func describe<U: OneOf>(union: U.Type) throws -> Schema {
        let id = ObjectIdentifier(union)
        if let known = known[id] { return known }
        let schema = UnionSchema(String(describing: union), reference: reference(union), tag: U.variants.tag)
        known[id] = .union(schema)
        try claim(schema.reference, union)
        for variant in U.variants.list {
            let object = try variant.object(self)
            guard object.field(named: schema.tag) == nil else {
                throw DescriptionError("\(object.name) has a field \(schema.tag), which is the tag of \(schema.name)")
            }
            guard !schema.variants.contains(where: { $0.name == variant.name }) else {
                throw DescriptionError("\(schema.name) has two variants called \(variant.name)")
            }
            schema.variants.append((variant.name, object))
        }
        unions.append(schema)
        return .union(schema)
    }

    private func claim(_ reference: String, _ type: Any.Type) throws {
        if let other = references[reference], other != ObjectIdentifier(type) {
            throw DescriptionError("two types are called \(reference) in OpenAPI; rename \(String(reflecting: type))")
        }
        references[reference] = ObjectIdentifier(type)
    }

    /// `courses.CourseView` for `Courses.CourseView`, `courses.Course.Draft` for `Courses.Course.Draft`; only letters,
    /// digits, dots, hyphens and underscores, as OpenAPI wants them.
    func reference(_ type: Any.Type) -> String {
        let full = String(reflecting: type)
        // A private type's context is printed in parentheses.
        var plain = ""
        var nested = 0
        for character in full {
            if character == "(" { nested += 1 }
            if nested == 0 { plain.append(character) }
            if character == ")" { nested -= 1 }
        }
        var steps = plain.split(separator: ".", maxSplits: plain.contains("<") ? 1 : .max).map(String.init)
        let module = steps.count > 1 ? steps.removeFirst() : ""
        if let plugin = prefixes[module] { steps.insert(plugin, at: 0) }
        return steps.joined(separator: ".").reduce(into: "") { name, character in
            let fits =
                character.isASCII && (character.isLetter || character.isNumber) || character == "." || character == "-"
            if fits { name.append(character) } else if name.last != "_" { name.append("_") }
        }
    }
}
