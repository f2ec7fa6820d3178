extension Outline {
    /// What follows the version of a plugin that drains.
    static let draining = ", draining"

    /// Whether this is a step that `disable` took on its way, and no state that anybody chose: it is `before` but for plugins
    /// that drain, none of which drains any more `now`.
    ///
    /// A step back does not stop there. One that lasted, and in which something else was changed, is none.
    public func isStepOfDisable(after before: Outline, now: Outline) -> Bool {
        let changes = before.changes(to: self)
        return !changes.isEmpty
            && changes.allSatisfy { change in
                guard change.item == "plugin", change.kind == .changed,
                    change.becomes == change.was + Outline.draining
                else { return false }
                let items = now.regions.first { $0.id == change.region }?.items ?? []
                return !items.contains {
                    $0.kind == "plugin" && $0.name == change.name && $0.value.hasSuffix(Outline.draining)
                }
            }
    }
}
