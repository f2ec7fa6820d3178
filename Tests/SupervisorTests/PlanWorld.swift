import Kernel

/// A plan, and what its actions would have made of the world.
struct PlanWorld {
    var plan = SupervisorPlan(readyDeadline: .seconds(30), stopDeadline: .seconds(40))
    var now = Duration.zero
    var actions: [SupervisorPlan.Action] = []
    /// Number -> role and generation of what runs.
    var running: [Int: (role: SupervisorPlan.Role, generation: Int)] = [:]

    init() { actions = plan.begin() }

    /// Tells the plan what happened; its actions are then in `actions`.
    mutating func happens(_ event: SupervisorPlan.Event, after time: Duration = .zero) {
        now += time
        if case .ended(let number, _, _) = event { running[number] = nil }
        if case .notStarted(let number, _) = event { running[number] = nil }
        actions = plan.handle(event, at: now)
        for action in actions {
            if case .start(let number, let role, let generation) = action { running[number] = (role, generation) }
        }
    }

    /// The numbers of a role's processes, oldest first.
    func numbers(_ role: SupervisorPlan.Role) -> [Int] { running.filter { $0.value.role == role }.keys.sorted() }

    var logs: [String] { actions.compactMap { if case .log(let line, _) = $0 { line } else { nil } } }

    /// Two web processes and a delivery process that serve: 1, 2 and 3.
    static func serving() -> PlanWorld {
        var world = PlanWorld()
        world.happens(.prepared(web: 2, delivery: true))
        world.happens(.ready(1))
        world.happens(.ready(2))
        world.happens(.ready(3))
        return world
    }
}
