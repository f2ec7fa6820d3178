internal import Foundation
internal import Kernel

/// What this host serves at this moment, as its own files say; it need not be what was decided.
///
/// After a rollback it is what served before, until the next `reload`, `enable` or `disable`. Commands that look at an
/// installation or work something off are about what serves (``Resolution/looking(_:_:)``), commands that decide are about what
/// is decided, and say where the two differ.
struct Serving {
    /// The number of the generation.
    let revision: Int
    /// The generation itself.
    let generation: Generation
    /// What it consists of, in words.
    let outline: Outline?

    /// Nil where nothing serves.
    init?(_ state: StateDirectory) {
        revision = RunningSupervisor.revision(state)
        let directory = Generations(state: state).directory(revision)
        guard KnownProcess(file: state.supervisorPid) != nil, revision > 0,
            let generation = try? GenerationFile.read(directory: directory)
        else { return nil }
        self.generation = generation
        outline = try? Outline.read(directory: directory)
    }

    /// That a rollback lasts; nil where none does.
    var note: String? {
        generation.restored.map { "after a rollback generation \(revision) serves here, which is \($0) again" }
    }

    /// A region as it serves.
    func region(_ id: String) -> Generation.RegionEntry? { generation.regions.first { $0.id == id } }

    /// Whether a plugin serves in a region.
    func serves(_ plugin: String, in region: String) -> Bool {
        self.region(region)?.plugins.contains { $0.id == plugin } == true
    }

    /// The listeners that a region is served with, by name.
    func listeners(in region: String) -> [String] {
        outline?.regions.first { $0.id == region }?.items.filter { $0.kind == "listener" }.map(\.name) ?? []
    }
}
