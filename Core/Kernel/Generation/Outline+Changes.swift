extension Outline {
    /// One difference between two outlines.
    public struct Change: Sendable, Equatable {
        /// What becomes of the item.
        public enum Kind: String, Sendable {
            /// It was not there.
            case added = "+"
            /// It is not there any more.
            case removed = "-"
            /// It is otherwise.
            case changed = "~"
            /// A plugin that goes still owes it.
            case owed = "!"
        }

        /// What becomes of it.
        public var kind: Kind
        /// The region; nil for what is the same for all of them.
        public var region: String?
        /// What it is, such as `route`.
        public var item: String
        /// Its name; of what is owed, that of the plugin.
        public var name: String
        /// What it was; empty for what was not there, or has nothing but its name.
        ///
        /// Of what is owed: what and how much.
        public var was: String
        /// What it becomes; empty for what is removed, or has nothing but its name.
        public var becomes: String

        /// Describes a change.
        public init(
            _ kind: Kind, region: String?, item: String, name: String, was: String = "", becomes: String = ""
        ) {
            (self.kind, self.region, self.item, self.name) = (kind, region, item, name)
            (self.was, self.becomes) = (was, becomes)
        }

        /// One sentence: `route GET /api/news is new: public`.
        public var sentence: String {
            switch kind {
            case .added: "\(item) \(name) is new" + (becomes.isEmpty ? "" : ": \(becomes)")
            case .removed: "\(item) \(name) is gone" + (was.isEmpty ? "" : "; it was \(was)")
            case .changed:
                was == becomes
                    ? "\(item) \(name) becomes another"
                    : "\(item) \(name) becomes \(shown(becomes)), and was \(shown(was))"
            case .owed: "\(name) still owes \(was)"
            }
        }

        private func shown(_ value: String) -> String { value.isEmpty ? "empty" : value }
    }

    /// What another outline has that this one has not, and the reverse, region by region and kind by kind.
    public func changes(to other: Outline) -> [Change] {
        var changes = Outline.changes(nil, installation, other.installation)
        for region in regions {
            changes += Outline.changes(region.id, region.items, other.regions.first { $0.id == region.id }?.items ?? [])
        }
        for region in other.regions where !regions.contains(where: { $0.id == region.id }) {
            changes += Outline.changes(region.id, [], region.items)
        }
        return changes
    }

    private static func changes(_ region: String?, _ before: [Item], _ after: [Item]) -> [Change] {
        func key(_ item: Item) -> String { item.kind + "\u{1}" + item.name }
        let old = Dictionary(before.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
        let new = Set(after.map { key($0) })
        var changes = after.compactMap { item -> Change? in
            guard let was = old[key(item)] else {
                return Change(.added, region: region, item: item.kind, name: item.name, becomes: item.value)
            }
            guard was != item else { return nil }
            return Change(
                .changed, region: region, item: item.kind, name: item.name, was: was.value, becomes: item.value)
        }
        changes += before.filter { !new.contains(key($0)) }.map { item in
            Change(.removed, region: region, item: item.kind, name: item.name, was: item.value)
        }
        // Stable within a kind: the order in which the plugins have it.
        return kinds.flatMap { kind in changes.filter { $0.item == kind } }
    }
}
