internal import Glibc
internal import Lyceum

/// Finds the endpoints of a path, byte by byte and without allocating: a tree of segments laid out in flat arrays.
///
/// A fixed segment is preferred to a placeholder, wherever in the path the choice is; so `courses/mine` is not a course.
final class Router: Sendable {
    private struct Node {
        var firstEdge: Int32 = 0
        var edgeCount: Int32 = 0
        var placeholder: Int32 = -1
        var endpoints: Int32 = -1
    }
    private struct Edge {
        var start: Int32
        var length: Int32
        var node: Int32
    }
    private let nodes: [Node]
    private let edges: [Edge]
    private let names: [UInt8]

    /// The tree while it grows.
    private final class Branch {
        var fixed: [(name: String, branch: Branch)] = []
        var placeholder: Branch?
        var endpoints: Int32 = -1
    }

    /// Makes a router of paths; each leads to the number it stands with.
    ///
    /// Segments in braces are placeholders.
    init(_ paths: [(path: String, endpoints: Int)]) {
        let root = Branch()
        for (path, endpoints) in paths {
            var branch = root
            for segment in path.split(separator: "/") {
                if segment.first == "{" {
                    let next = branch.placeholder ?? Branch()
                    branch.placeholder = next
                    branch = next
                } else if let known = branch.fixed.first(where: { $0.name == segment }) {
                    branch = known.branch
                } else {
                    let next = Branch()
                    branch.fixed.append((String(segment), next))
                    branch = next
                }
            }
            branch.endpoints = Int32(endpoints)
        }
        var nodes = [Node()]
        var edges: [Edge] = []
        var names: [UInt8] = []
        func lay(_ branch: Branch, at index: Int) {
            nodes[index].endpoints = branch.endpoints
            nodes[index].firstEdge = Int32(edges.count)
            nodes[index].edgeCount = Int32(branch.fixed.count)
            var children: [(Branch, Int)] = []
            for (name, child) in branch.fixed {
                edges.append(Edge(start: Int32(names.count), length: Int32(name.utf8.count), node: Int32(nodes.count)))
                names.append(contentsOf: name.utf8)
                children.append((child, nodes.count))
                nodes.append(Node())
            }
            if let child = branch.placeholder {
                nodes[index].placeholder = Int32(nodes.count)
                children.append((child, nodes.count))
                nodes.append(Node())
            }
            for (child, index) in children { lay(child, at: index) }
        }
        lay(root, at: 0)
        (self.nodes, self.edges, self.names) = (nodes, edges, names)
    }

    /// The number that a request's path leads to, or nil; the placeholders' places are noted in the request.
    func find(_ request: Request) -> Int? {
        request.captureCount = 0
        let path = request.path
        guard path.count > 0, path[0] == UInt8(ascii: "/") else { return nil }
        let first = path.count == 1 ? 2 : 1  // the path "/" has no segment at all
        return nodes.withUnsafeBufferPointer { nodes in
            edges.withUnsafeBufferPointer { edges in
                names.withUnsafeBufferPointer { names in
                    let found = walk(0, from: first, path, request, nodes, edges, names)
                    return found < 0 ? nil : Int(found)
                }
            }
        }
    }

    private func walk(
        _ index: Int, from start: Int, _ path: UnsafeBufferPointer<UInt8>, _ request: Request,
        _ nodes: UnsafeBufferPointer<Node>, _ edges: UnsafeBufferPointer<Edge>, _ names: UnsafeBufferPointer<UInt8>
    ) -> Int32 {
        let node = nodes[index]
        if start == path.count + 1 { return node.endpoints }
        // A path that ends with a slash has an empty last segment, which nothing matches.
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        let length = end - start
        guard length > 0 else { return -1 }
        for number in Int(node.firstEdge)..<Int(node.firstEdge + node.edgeCount) {
            let edge = edges[number]
            guard Int(edge.length) == length, let name = names.baseAddress, let base = path.baseAddress,
                memcmp(name + Int(edge.start), base + start, length) == 0
            else { continue }
            let found = walk(Int(edge.node), from: end + 1, path, request, nodes, edges, names)
            if found >= 0 { return found }
        }
        guard node.placeholder >= 0, request.captureCount < Request.maximumCaptures else { return -1 }
        request.captures[request.captureCount] = start..<end
        request.captureCount += 1
        let found = walk(Int(node.placeholder), from: end + 1, path, request, nodes, edges, names)
        if found < 0 { request.captureCount -= 1 }
        return found
    }
}
