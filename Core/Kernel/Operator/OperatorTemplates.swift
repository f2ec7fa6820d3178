internal import Lyceum

/// The templates of an operator's pages.
enum OperatorTemplates {
    static let all: [any Contribution] = [
        template("admin", PackageResources.admin_mustache),
        template("admin-home", PackageResources.admin_home_mustache),
        template("causes", PackageResources.causes_mustache),
        template("deliveries", PackageResources.deliveries_mustache),
        template("event", PackageResources.event_mustache),
        template("events", PackageResources.events_mustache),
        template("failed-event", PackageResources.failed_event_mustache),
        template("give-up", PackageResources.give_up_mustache),
        template("interventions", PackageResources.interventions_mustache),
        template("jobs", PackageResources.jobs_mustache),
        template("listener", PackageResources.listener_mustache),
        template("replay", PackageResources.replay_mustache),
        template("run", PackageResources.run_mustache),
        template("run-job", PackageResources.run_job_mustache),
        template("runs", PackageResources.runs_mustache),
    ]

    private static func template(_ name: String, _ bytes: [UInt8]) -> Template {
        Template("lyceum.\(name)", file: "Kernel/Pages/\(name).mustache", bytes)
    }
}
