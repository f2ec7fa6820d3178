/// A place in a page where other plugins show something of theirs.
///
/// Whoever owns the page names the slot, declares it, fills it with what belongs to the subject, and prints it:
///
///     extension Slot where Subject == Course.ID {
///         public static var courseAside: Slot { Slot("courses.course.aside") }
///     }
///     HookPoint(.courseAside)                                   // among the declarations
///     View(…, aside: try await context.fill(.courseAside, id))  // a SlotContent of the view
///     {{{aside}}}                                               // in the template
///
/// Others add to it with a ``SlotPart``. A part that fails, takes longer than the deadline, or cannot be printed is left out
/// and logged: a page is never lost for what stands beside it. Where nobody adds anything, filling costs a look into a table.
public struct Slot<Subject: Sendable>: Sendable {
    /// `plugin.place`.
    public let id: String
    /// How long each plugin may take for its part.
    public let deadline: Duration

    /// Names a slot; the id must begin with the id of the plugin that owns it.
    public init(_ id: String, deadline: Duration = .seconds(1)) { (self.id, self.deadline) = (id, deadline) }

    package var point: CollectPoint<SlotVisit<Subject>, TemplatePart> { CollectPoint(id, deadline: deadline) }
}

/// Who looks at a page with a slot, and what the page is about.
public struct SlotVisit<Subject: Sendable>: Sendable {
    /// What the page is about, such as a course's id.
    public let subject: Subject
    /// Who looks; nil for a guest.
    public let viewer: Principal?
    private let runtime: Runtime

    init(_ subject: Subject, _ viewer: Principal?, _ runtime: Runtime) {
        (self.subject, self.viewer, self.runtime) = (subject, viewer, runtime)
    }

    /// Where it is looked at.
    public var region: Region { runtime.region }

    /// Whether whoever looks has a permission; a guest has none.
    public func may(_ permission: Permission) -> Bool { runtime.grants.allows(permission, viewer) }
}

/// Adds a part to a ``Slot`` of another plugin, or of the layout.
///
///     SlotPart(.courseAside, "audit.course-link") { visit, database in
///         visit.may(.readAudit) ? CourseLink(course: visit.subject) : nil
///     }
public struct SlotPart: Contribution {
    package let slot: String
    package let template: String
    package let collect: Collect

    /// Adds a part: the slot, a template of one's own, and what makes the values that it prints; nil leaves the part out.
    ///
    /// It runs as the plugin that contributes it, in the order of the plugins. The template sees these values and what every
    /// page knows, and nothing of the page that it stands in.
    public init<Subject, View: Encodable & Sendable>(
        _ slot: Slot<Subject>, _ template: String,
        _ body: @escaping @Sendable (SlotVisit<Subject>, Database) async throws -> View?
    ) {
        (self.slot, self.template) = (slot.id, template)
        collect = Collect(slot.point) { visit, database in
            guard let view = try await body(visit, database) else { return [] }
            return [TemplatePart(template: template, value: try TemplateValue(encoding: view), slot: slot.id)]
        }
    }

    /// `part noticeboard.latest in lyceum.notice`.
    public var summary: String { "part \(template) in \(slot)" }
}

/// What plugins put into a slot, to be printed by `{{{name}}}`; a section of it is skipped where nobody has made a part.
///
/// That a part cannot be printed is known only when it is: its section stands there then, with nothing of the part in it.
public struct SlotContent: Codable, Sendable {
    package let parts: [TemplatePart]

    package init(_ parts: [TemplatePart]) { self.parts = parts }

    /// Content that prints nothing, for samples; anything else is refused.
    public init(from decoder: any Decoder) throws {
        try TemplateSample.insist(SlotContent.self, decoder)
        parts = [TemplatePart(template: "", value: .null, slot: "")]
    }

    /// Writes nothing, for encoders other than that of templates.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}

/// A template of one plugin with its values, to stand in a page of another.
public struct TemplatePart: Sendable, Hashable {
    /// The template; empty prints nothing.
    package let template: String
    package let value: TemplateValue
    /// The slot that it was made for.
    package let slot: String
}

extension Context {
    /// What other plugins put into a slot of the page; the subject is made only where somebody may have a part.
    public func fill<Subject>(_ slot: Slot<Subject>, _ subject: @autoclosure () -> Subject) async throws -> SlotContent
    {
        let hooks = database.runtime.hooks
        guard hooks.has(slot.id) else { return SlotContent([]) }
        return SlotContent(
            try await hooks.collect(slot.point, SlotVisit(subject(), principal, database.runtime), database))
    }
}

/// Where on the site a page is, for the slots of the layout.
public struct PagePlace: Sendable {
    /// The path that was asked for, `/courses`.
    public let path: String

    package init(path: String) { self.path = path }
}

extension Slot where Subject == PagePlace {
    /// Above the content of every page that a plugin answers: for what everybody is to know.
    public static var notice: Slot { Slot("lyceum.notice", deadline: .milliseconds(500)) }
}
