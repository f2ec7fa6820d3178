internal import ArgumentParser
internal import Kernel

/// The command `lyceum reload`.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Take up changed settings and libraries, on every host that serves, without losing a request.",
        discussion: """
            Reads Config/ and the libraries it names anew, as SIGHUP does, and returns when every process is of the new \
            generation; or says why there is none, and everything goes on as before. Each host has its own files: bring a \
            change to all of them first. `lyceum plan` shows beforehand what changes. Ends a rollback.

            Example:
              lyceum reload
            """)

    @Flag(help: "Only on this host.")
    var here = false
    @OptionGroup var patience: Patience
    @OptionGroup var site: Site

    func run() throws {
        let state = site.state
        let configuration = try Configuration(directory: site.config)
        try state.check()
        guard let own = try Rollout.servingHost(state) else {
            throw Failure("nothing serves \(state.path) on this host; `lyceum serve` and `lyceum up` do")
        }
        var wanted: [Rollout.Wanted] = []
        if !here {
            let databases = try Databases(configuration, state)
            for region in configuration.regions {
                let entry = try Resolution.entry(region, configuration, state)
                // A region whose database is away has no hosts that could be waited for.
                guard let connection = try? databases.administer(entry) else {
                    say("region \(region.id): its database does not answer, so other hosts of it are not told")
                    continue
                }
                let revision = try RegionDecisions.want(by: own, connection)
                wanted.append(Rollout.Wanted(region: region.id, revision: revision, connection: connection))
            }
        }
        try Rollout(state, wanted, own: own, patience).run(isRecorded: false)
        try Resolution(configuration, state, complete: true, mayFail: { _ in true }).noteRefused()
    }
}
