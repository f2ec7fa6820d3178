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
    // Written when it is made, then only read, for as long as the router lives; a request costs half of what it does by arrays.
    private nonisolated(unsafe) let nodes: UnsafeMutablePointer<Node>
    private nonisolated(unsafe) let edges: UnsafeMutablePointer<Edge>
    private nonisolated(unsafe) let names: UnsafeMutablePointer<UInt8>

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
        self.nodes = .allocate(capacity: nodes.count)
        self.nodes.initialize(from: nodes, count: nodes.count)
        self.edges = .allocate(capacity: edges.count)
        self.edges.initialize(from: edges, count: edges.count)
        self.names = .allocate(capacity: names.count)
        self.names.initialize(from: names, count: names.count)
    }

    deinit {
        nodes.deallocate()
        edges.deallocate()
        names.deallocate()
    }

    /// The number that a request's path leads to, or nil; the placeholders' places are noted in the request.
    func find(_ request: Request) -> Int? {
        request.captureCount = 0
        let path = request.path
        guard let base = path.baseAddress, path.count > 0, base[0] == UInt8(ascii: "/") else { return nil }
        let first = path.count == 1 ? 2 : 1  // the path "/" has no segment at all
        let found = walk(0, from: first, base, path.count, request)
        return found < 0 ? nil : Int(found)
    }

    private func walk(
        _ index: Int, from start: Int, _ path: UnsafePointer<UInt8>, _ count: Int, _ request: Request
    ) -> Int32 {
        var node = nodes + index
        var start = start
        while start != count &+ 1 {
            // A path that ends with a slash has an empty last segment, which nothing matches.
            var end = start
            while end < count, path[end] != UInt8(ascii: "/") { end &+= 1 }
            guard end > start else { return -1 }
            let next = edge(node, path + start, end &- start)
            guard node.pointee.placeholder >= 0 else {
                guard next >= 0 else { return -1 }
                node = nodes + Int(next)
                start = end &+ 1
                continue
            }
            // Where there is a choice, the placeholder is tried when all below the fixed segment has failed.
            if next >= 0 {
                let found = walk(Int(next), from: end &+ 1, path, count, request)
                if found >= 0 { return found }
            }
            guard request.captureCount < Request.maximumCaptures else { return -1 }
            request.captures[request.captureCount] = start..<end
            request.captureCount += 1
            let found = walk(Int(node.pointee.placeholder), from: end &+ 1, path, count, request)
            if found < 0 { request.captureCount -= 1 }
            return found
        }
        return node.pointee.endpoints
    }

    /// The node behind a fixed segment, or -1.
    @inline(__always)
    private func edge(_ node: UnsafeMutablePointer<Node>, _ segment: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
        var edge = edges + Int(node.pointee.firstEdge)
        let last = edge + Int(node.pointee.edgeCount)
        while edge != last {
            if Int(edge.pointee.length) == length {
                let name = names + Int(edge.pointee.start)
                var at = 0
                while at < length, name[at] == segment[at] { at &+= 1 }
                if at == length { return edge.pointee.node }
            }
            edge += 1
        }
        return -1
    }
}
