internal import AuditContract
internal import CoursesContract
public import Lyceum
internal import PostgreSQL

/// Who changed what: has the kernel keep an audit, and shows it.
public struct AuditPlugin: Plugin {
    /// Who the plugin is; it watches every plugin, and needs none.
    public static let manifest = Manifest(
        id: "audit", version: "1.0.0",
        optional: [.plugin("accounts", from: "1.0.0"), .plugin("courses", from: "1.0.0")])

    /// Permissions; what is recorded belongs to the kernel, so there is no schema.
    public static var declarations: [any Declaration] {
        Permission.readAudit
        Permission.exportAudit
    }

    /// Makes the plugin.
    public init() {}

    /// The audit itself, pages, routes, a number for those who watch.
    public func contributions(_ settings: AuditSettings) -> [any Contribution] {
        AuditTrail(keepDays: settings.keepDays)
        if let days = settings.keepDays {
            Job("forget", at: "20 3 * * *", timeOut: .seconds(3_600), attempts: 1) { run in
                try await EntryStore.forget(olderThan: days, run)
            }
        }
        Gauge("unsealed_age_seconds", "How old the oldest change is that is not sealed yet; 0 when all are.") {
            try await EntryStore.unsealedAge($0)
        }
        Offer(.auditErasure, StoredErasure())

        Route(
            .get, "audit", .permission(.readAudit),
            about: "Who changed what, the newest first; personal values are readable unless they were erased.",
            EntryRoutes.list)
        PageRoute(.get, "admin/audit", .permission(.readAudit), EntryPages.show)
        PageRoute(.get, "admin/audit/download", .permission(.exportAudit), EntryPages.download)
        Navigation.administration(
            .words("audit.title"), about: .words("audit.about"), path: "/admin/audit", order: 400, .readAudit)

        SlotPart(.courseEditing, "audit.course-history", CourseHistory.show)
        Template(
            "audit.course-history", file: "Audit/Pages/Templates/course-history.mustache",
            PackageResources.course_history_mustache, of: CourseHistory.self)
        Template(
            "audit.entries", file: "Audit/Pages/Templates/entries.mustache", PackageResources.entries_mustache,
            of: EntryPages.Shown.self)
        Translations("ar", CourseHistory.arabic)
        Translations("en", AuditWords.english)
        Translations("de", AuditWords.german)
        Translations("ar", AuditWords.arabic)
    }
}

extension Permission {
    /// Reading the audit.
    static let readAudit = Permission(
        "audit.read", "See who changed what, with the values, also personal ones.", roles: [], risk: .sensitive)
    /// Taking the audit away as a file.
    static let exportAudit = Permission(
        "audit.export", "Take away who changed what as a file, also personal values.", roles: [], risk: .sensitive)
}
