internal import Lyceum

/// The templates of an operator's pages.
enum OperatorTemplates {
    static let all: [any Contribution] = [
        // To build on, and parts of pages.
        Template("lyceum.admin", file: path("admin"), PackageResources.admin_mustache),
        Template("lyceum.causes", file: path("causes"), PackageResources.causes_mustache),
        Template("lyceum.interventions", file: path("interventions"), PackageResources.interventions_mustache),

        page("admin-home", PackageResources.admin_home_mustache, of: HomePage.View.self),
        page("deliveries", PackageResources.deliveries_mustache, of: DeliveryPages.Overview.self),
        page("event", PackageResources.event_mustache, of: EventPages.Event.self),
        page("events", PackageResources.events_mustache, of: EventPages.Log.self),
        Template(
            "lyceum.failed-event", file: path("failed-event"), PackageResources.failed_event_mustache,
            of: DeliveryPages.Event.self, form: DeliveryPages.SkipForm.self),
        Template(
            "lyceum.give-up", file: path("give-up"), PackageResources.give_up_mustache, of: GiveUpPages.Parts.self,
            form: GiveUpPages.GiveUpForm.self),
        page("jobs", PackageResources.jobs_mustache, of: JobPages.Overview.self),
        page("listener", PackageResources.listener_mustache, of: DeliveryPages.Listener.self),
        page("plugins", PackageResources.plugins_mustache, of: RegionPages.Plugins.self),
        Template(
            "lyceum.replay", file: path("replay"), PackageResources.replay_mustache, of: DeliveryPages.Replay.self,
            form: DeliveryPages.ReplayForm.self),
        page("run", PackageResources.run_mustache, of: JobPages.Run.self),
        Template(
            "lyceum.run-job", file: path("run-job"), PackageResources.run_job_mustache, of: JobPages.Start.self,
            form: JobPages.StartForm.self),
        page("settings", PackageResources.settings_mustache, of: RegionPages.Settings.self),
        page("runs", PackageResources.runs_mustache, of: JobPages.Runs.self),
    ]

    private static func path(_ name: String) -> String { "Kernel/Pages/\(name).mustache" }

    private static func page<View: Codable & Sendable>(_ name: String, _ bytes: [UInt8], of type: View.Type) -> Template
    {
        Template("lyceum.\(name)", file: path(name), bytes, of: type)
    }
}
