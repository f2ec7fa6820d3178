/// What an unset required field of a value made by hand reads as.
enum Blank {
    static func make<T: Decodable>(_ type: T.Type) -> T {
        if let loose = type as? any Loose.Type, let blank = loose.blank as? T { return blank }
        let plain: [Any] = ["", 0, Int64(0), Int32(0), Int16(0), 0.0, false]
        for one in plain { if let blank = one as? T, Swift.type(of: one) == T.self { return blank } }
        if let described = type as? any Described.Type, let example = described.example as? T { return example }
        do {
            return try Book().describe(type).example
        } catch {
            // Reached only for a type that no Book accepts, and the Book that serves inputs refused it at start, before
            // any handler ran; there is no value of it to return.
            preconditionFailure("a field of type \(type) was read before it was set")
        }
    }
}
