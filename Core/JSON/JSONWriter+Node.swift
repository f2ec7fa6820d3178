extension JSONWriter {
    /// Writes a parsed value again: without white space, members in their order, numbers as Swift prints them.
    public func node(_ node: JSONNode) {
        switch node.kind {
        case .object:
            openObject()
            for (name, value) in node.members {
                key(named: name)
                self.node(value)
            }
            closeObject()
        case .list:
            openList()
            for item in node.items {
                comma()
                self.node(item)
            }
            closeList()
        case .text: string(node.utf8)
        case .integer: int(node.integer)
        case .number: double(node.number)
        case .boolean: bool(node.boolean)
        case .null: null()
        }
    }
}
