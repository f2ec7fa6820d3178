internal import Lyceum

/// Something that a thread can be at work on, as it is named when its process ends over it.
struct WorkLabel: Hashable, Sendable {
    enum Kind: String, Sendable {
        case kernel, request, `guard`, collector, listener, job
    }
    let kind: Kind
    let region: String
    let plugin: String
    /// `POST /api/courses`; a hook point; a listener's or a job's whole name.
    let name: String

    /// A line of a board: four words with tabs between them.
    var line: String { "\(kind.rawValue)\t\(region)\t\(plugin)\t\(name)" }

    init(_ kind: Kind, region: String, plugin: String, name: String) {
        (self.kind, self.region, self.plugin, self.name) = (kind, region, plugin, name)
    }

    init?(line: Substring) {
        let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 4, let kind = Kind(rawValue: words[0]) else { return nil }
        self.init(kind, region: words[1], plugin: words[2], name: words[3])
    }

    /// `it answered POST /api/courses of the plugin courses in the region academy`.
    var sentence: String {
        let place = "of the plugin \(plugin) in the region \(region)"
        return switch kind {
        case .kernel: "it answered a request that belongs to no plugin"
        case .request: "it answered \(name) \(place)"
        case .guard: "it asked the guard on \(name) \(place)"
        case .collector: "it asked the collector on \(name) \(place)"
        case .listener: "it gave the listener \(name) an event in the region \(region)"
        case .job: "it ran the job \(name) in the region \(region)"
        }
    }
}

/// The numbers of all that threads of a process can be at work on, from 1.
struct WorkTable: Sendable {
    /// What belongs to no plugin.
    static let kernel: UInt64 = 1

    private(set) var labels: [WorkLabel] = []
    private var numbers: [WorkLabel: UInt64] = [:]

    init(_ plans: [RegionPlan]) {
        add(WorkLabel(.kernel, region: "", plugin: "lyceum", name: ""))
        for plan in plans {
            func add(_ kind: WorkLabel.Kind, _ plugin: String, _ name: String) {
                self.add(WorkLabel(kind, region: plan.entry.id, plugin: plugin, name: name))
            }
            for address in plan.addresses { add(.request, address.plugin, "\(address.method) \(address.path)") }
            for (plugin, hook) in plan.all(Guard.self) { add(.guard, plugin, hook.point) }
            for (plugin, hook) in plan.all(Collect.self) { add(.collector, plugin, hook.point) }
            for listener in plan.listeners { add(.listener, listener.plugin, listener.name) }
            for job in plan.jobs { add(.job, job.plugin, job.name) }
        }
    }

    private mutating func add(_ label: WorkLabel) {
        guard numbers[label] == nil else { return }
        labels.append(label)
        numbers[label] = UInt64(labels.count)
    }

    /// The number of something; 0 for what is not there.
    func number(_ kind: WorkLabel.Kind, region: String, plugin: String, name: String) -> UInt64 {
        numbers[WorkLabel(kind, region: region, plugin: plugin, name: name)] ?? 0
    }
}
