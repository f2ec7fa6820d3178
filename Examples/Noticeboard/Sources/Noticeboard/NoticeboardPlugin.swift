public import Lyceum
internal import PostgreSQL

/// A board with notices that everybody reads and some may post.
public struct NoticeboardPlugin: Plugin {
    /// Who the plugin is; it needs no other, because what it hears of courses it hears as a fact.
    public static let manifest = Manifest(id: "noticeboard", version: "1.0.0")

    /// Its schema and the permission to post.
    public static var declarations: [any Declaration] {
        Migrations([Migration(1, "notices", PackageResources.v1_notices_sql)])
        // Notices are the board's: nobody notes who posted them.
        PersonalData(.impersonal("notice", "words"))
        Permission.postNotices
    }

    /// Makes the plugin.
    public init() {}

    /// The API, the page, and a notice for each new learner.
    public func contributions(_ settings: NoticeboardSettings) -> [any Contribution] {
        Route(
            .get, "noticeboard", .public,
            about: "Lists the notices, the newest first.",
            NoticeRoutes.list)
        Route(
            .post, "noticeboard", .permission(.postNotices),
            about: "Pins a notice to the board.",
            NoticeRoutes.post)

        PageRoute(.get, "noticeboard", .public, NoticePages.board)
        Navigation(.words("noticeboard.nav"), path: "/noticeboard", order: 50)
        Template(
            "noticeboard.board", file: "Noticeboard/Templates/board.mustache", PackageResources.board_mustache,
            of: NoticePages.Board.self)
        // Above every page, where the region wants that: the layout has a slot for what everybody is to know.
        if settings.isEverywhere { SlotPart(.notice, "noticeboard.latest", NoticePages.latest) }
        Template(
            "noticeboard.latest", file: "Noticeboard/Templates/latest.mustache", PackageResources.latest_mustache,
            of: NoticePages.Latest.self)
        Translations("en", NoticePages.english)
        Translations("de", NoticePages.german)
        Translations("ar", NoticePages.arabic)

        Listener(
            "welcome", on: Fact("courses.enrollment.created", major: 1, as: EnrollmentFact.self),
            Welcome(notice: settings.welcome).post)
    }
}

/// What a region may say about the board.
public struct NoticeboardSettings: Input {
    /// The notice for a new learner.
    @Field("What is posted when somebody has joined a course.", .length(1...500))
    public var welcome = "A new learner has joined a course. Welcome!"

    /// Whether the newest notice stands above every page.
    @Field("Whether the newest notice stands above every page.") public var isEverywhere = false

    /// The settings of a region that says nothing.
    public init() {}
}

extension Permission {
    /// Posting notices.
    static let postNotices = Permission("noticeboard.notice.post", "Post notices on the board.", roles: ["instructor"])
}
