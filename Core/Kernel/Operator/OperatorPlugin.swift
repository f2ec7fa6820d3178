internal import Lyceum

/// What every region with accounts has of the kernel's own: an operator's pages below `/admin`, and the same as an API.
///
/// It is built as any plugin is, and takes part in a region beside those that the region enabled, but nothing is installed for
/// it, and its statements run as the login of the process: what it shows are the kernel's own tables.
struct OperatorPlugin: Plugin {
    static let manifest = Manifest(id: "lyceum", version: "1.0.0")

    static var declarations: [any Declaration] {
        HookPoint(.notice)
        Permission.seeRegion
        Permission.seeDeliveries
        Permission.changeDeliveries
        Permission.seeJobs
        Permission.changeJobs
        personalData
    }

    /// The region without this plugin; nil only where nobody asks for contributions.
    private let plan: RegionPlan?

    init() { plan = nil }
    init(_ plan: RegionPlan) { self.plan = plan }

    func contributions(_ settings: NoSettings) -> [any Contribution] {
        if let plan {
            home(plan)
            deliveries(plan)
            events(plan)
            jobs(plan)
            Offer(.personalRecords, StoredPersonalRecords(plan))
            OperatorTemplates.all
            OperatorWords.all.map { Translations($0.locale, $0.words) } as [any Contribution]
        }
    }

    @ListBuilder<any Contribution> private func home(_ plan: RegionPlan) -> [any Contribution] {
        let books = RegionBooks(plan)
        let pages = RegionPages(books)

        PageRoute(.get, "admin", .authenticated, HomePage(plan, books, own: Self.navigation).show)
        PageRoute(.get, "admin/plugins", .permission(.seeRegion), pages.plugins)
        PageRoute(.get, "admin/settings", .permission(.seeRegion), pages.settings)
        Route(
            .get, "lyceum/plugins", .permission(.seeRegion),
            about: "The region's plugins, how each stands, and what is set for it.", pages.list)
        Self.navigation
    }

    private static let navigation: [any Contribution] = [
        Navigation.administration(
            .words("lyceum.admin.plugins"), about: .words("lyceum.admin.plugins.about"), path: "/admin/plugins",
            order: 530, .seeRegion),
        Navigation.administration(
            .words("lyceum.admin.settings"), about: .words("lyceum.admin.settings.about"), path: "/admin/settings",
            order: 540, .seeRegion),
        Navigation.administration(
            .words("lyceum.admin.deliveries"), about: .words("lyceum.admin.deliveries.about"),
            path: "/admin/deliveries", order: 500, .seeDeliveries),
        Navigation.administration(
            .words("lyceum.admin.events"), about: .words("lyceum.admin.events.about"), path: "/admin/events",
            order: 510, .seeDeliveries),
        Navigation.administration(
            .words("lyceum.admin.jobs"), about: .words("lyceum.admin.jobs.about"), path: "/admin/jobs", order: 520,
            .seeJobs),
    ]

    @ListBuilder<any Contribution> private func deliveries(_ plan: RegionPlan) -> [any Contribution] {
        let pages = DeliveryPages(plan)
        let routes = DeliveryRoutes(plan)
        let (skipping, forgetting) = (GiveUpPages(act: .skip, plan: plan), GiveUpPages(act: .forget, plan: plan))
        let givingUp = GiveUpRoutes(plan: plan)

        PageRoute(.get, "admin/deliveries", .permission(.seeDeliveries), pages.overview)
        PageRoute(.get, "admin/deliveries/{listener}", .permission(.seeDeliveries), pages.listener)
        PageRoute(.post, "admin/deliveries/{listener}/retry", .permission(.changeDeliveries), pages.retryAll)
        PageRoute(.post, "admin/deliveries/{listener}/release", .permission(.changeDeliveries), pages.release)
        PageRoute(.get, "admin/deliveries/{listener}/replay", .permission(.changeDeliveries), pages.showReplay)
        PageRoute(.post, "admin/deliveries/{listener}/replay", .permission(.changeDeliveries), pages.replay)
        PageRoute(.get, "admin/deliveries/{listener}/skip", .permission(.changeDeliveries), skipping.show)
        PageRoute(.post, "admin/deliveries/{listener}/skip", .permission(.changeDeliveries), skipping.confirm)
        PageRoute(.get, "admin/deliveries/{listener}/forget", .permission(.changeDeliveries), forgetting.show)
        PageRoute(.post, "admin/deliveries/{listener}/forget", .permission(.changeDeliveries), forgetting.confirm)
        PageRoute(.get, "admin/deliveries/{listener}/{event}", .permission(.seeDeliveries), pages.event)
        PageRoute(.post, "admin/deliveries/{listener}/{event}/retry", .permission(.changeDeliveries), pages.retry)
        PageRoute(.post, "admin/deliveries/{listener}/{event}/skip", .permission(.changeDeliveries), pages.skip)

        Route(
            .get, "lyceum/deliveries", .permission(.seeDeliveries),
            about: "The region's listeners, and how far each is.", routes.listeners)
        Route(
            .get, "lyceum/deliveries/{listener}", .permission(.seeDeliveries),
            about: "The events that failed for a listener, the oldest first.", routes.failed)
        Route(
            .get, "lyceum/deliveries/{listener}/{event}", .permission(.seeDeliveries),
            about: "An event that failed for a listener, with what caused it.", routes.show)
        Route(
            .post, "lyceum/deliveries/{listener}/retry", .permission(.changeDeliveries),
            about: "Tries all that failed for a listener again now.", routes.retryAll)
        Route(
            .post, "lyceum/deliveries/{listener}/release", .permission(.changeDeliveries),
            about: "Gives a quarantined listener its events again.", routes.release)
        Route(
            .post, "lyceum/deliveries/{listener}/replay", .permission(.changeDeliveries),
            about: "Gives a listener again what it was given; its effects happen once more.", routes.replay)
        Route(
            .post, "lyceum/deliveries/{listener}/skip", .permission(.changeDeliveries),
            about: "Lets a listener begin from now, without all that it was not given, for good.", givingUp.skip)
        Route(
            .post, "lyceum/deliveries/{listener}/forget", .permission(.changeDeliveries),
            about: "Forgets a listener that no plugin has any more, with its place.", givingUp.forget)
        Route(
            .post, "lyceum/deliveries/{listener}/{event}/retry", .permission(.changeDeliveries),
            about: "Tries an event that failed again now.", routes.retry)
        Route(
            .post, "lyceum/deliveries/{listener}/{event}/skip", .permission(.changeDeliveries),
            about: "Lets a listener go on without an event, for good.", routes.skip)
    }

    @ListBuilder<any Contribution> private func events(_ plan: RegionPlan) -> [any Contribution] {
        let pages = EventPages(plan)

        PageRoute(.get, "admin/events", .permission(.seeDeliveries), pages.list)
        PageRoute(.get, "admin/events/{topic}/{major}/{event}", .permission(.seeDeliveries), pages.show)

        Route(
            .get, "lyceum/events/{topic}/{major}", .permission(.seeDeliveries),
            about: "The events of one kind in the log, the newest first.", EventRoutes.list)
        Route(
            .get, "lyceum/events/{topic}/{major}/{event}", .permission(.seeDeliveries),
            about: "An event of the log.", EventRoutes.show)
    }

    @ListBuilder<any Contribution> private func jobs(_ plan: RegionPlan) -> [any Contribution] {
        let pages = JobPages(plan)
        let routes = JobRoutes(plan)

        PageRoute(.get, "admin/jobs", .permission(.seeJobs), pages.overview)
        PageRoute(.get, "admin/jobs/runs", .permission(.seeJobs), pages.runs)
        PageRoute(.get, "admin/jobs/runs/{run}", .permission(.seeJobs), pages.run)
        PageRoute(.post, "admin/jobs/runs/{run}/retry", .permission(.changeJobs), pages.retry)
        PageRoute(.post, "admin/jobs/runs/{run}/cancel", .permission(.changeJobs), pages.cancel)
        PageRoute(.get, "admin/jobs/{job}/run", .permission(.changeJobs), pages.showStart)
        PageRoute(.post, "admin/jobs/{job}/run", .permission(.changeJobs), pages.start)

        Route(
            .get, "lyceum/jobs", .permission(.seeJobs), about: "The region's jobs, and how their runs stand.",
            routes.standings)
        Route(.get, "lyceum/jobs/runs", .permission(.seeJobs), about: "Runs of jobs, the newest first.", JobRoutes.runs)
        Route(
            .get, "lyceum/jobs/runs/{run}", .permission(.seeJobs),
            about: "A run: what it is told, and what came of it.",
            JobRoutes.run)
        Route(
            .post, "lyceum/jobs/{job}/runs", .permission(.changeJobs), about: "Queues a run of a job now.",
            routes.start)
        Route(
            .post, "lyceum/jobs/runs/{run}/retry", .permission(.changeJobs),
            about: "Runs a run that is over, or failed, again now.", routes.retry)
        Route(
            .post, "lyceum/jobs/runs/{run}/cancel", .permission(.changeJobs),
            about: "Cancels a run that waits or is running.", routes.cancel)
    }
}

extension Permission {
    /// Seeing how the region is, which plugins it has, and what is set for them.
    static let seeRegion = Permission(
        "lyceum.region.see", "See how the region is, its plugins, and what is set for them; never a secret.", roles: [],
        risk: .sensitive)
    /// Seeing deliveries and the event log.
    static let seeDeliveries = Permission(
        "lyceum.deliveries.see", "See what events happened, with their data, and what became of them.", roles: [],
        risk: .sensitive)
    /// Retrying, skipping and replaying events.
    static let changeDeliveries = Permission(
        "lyceum.deliveries.change", "Have events delivered again, and skip them for good.", roles: [], risk: .high)
    /// Seeing jobs and their runs.
    static let seeJobs = Permission(
        "lyceum.jobs.see", "See jobs and their runs, with what they are told.", roles: [], risk: .sensitive)
    /// Running, cancelling and retrying jobs.
    static let changeJobs = Permission(
        "lyceum.jobs.change", "Run, cancel and retry jobs.", roles: [], risk: .high)
}
