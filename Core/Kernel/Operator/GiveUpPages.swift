internal import Lyceum
internal import PostgreSQL

/// The pages on which a listener's backlog is given up, or the listener itself: each shows first what would be lost, and does it
/// once that is confirmed.
struct GiveUpPages: Sendable {
    /// What is given up.
    enum Act: String, Sendable {
        /// All that it has not been given.
        case skip
        /// Its place too.
        case forget
    }

    struct GiveUpForm: Input {
        @Field("Why, for whoever asks later.", .multiline.length(0...500)) var reason: String?
        @Field("Whether it has been confirmed.") var confirmed = false
    }

    struct Parts: Codable, Sendable {
        var listener: String
        var back: String
        var path: String
        var heading: Text
        var about: Text
        var behind: String
        var waiting: Int
        var dead: Int
        var hasReason: Bool
        var form: FormFields
    }

    let act: Act
    let plan: RegionPlan

    @Sendable func show(_ context: borrowing Context, _ listener: DottedName) async throws -> Page {
        try await page(context, listener.value, try context.blankForm(GiveUpForm.self))
    }

    @Sendable func confirm(
        _ context: borrowing Context, _ listener: DottedName, _ form: Form<GiveUpForm>
    ) async throws -> Page {
        let name = listener.value
        guard let given = form.value else { return try await page(context, name, form.fields, status: 422) }
        guard given.confirmed else {
            let fields = form.fields.failing("confirmed", Text("lyceum.admin.give_up.unconfirmed"))
            return try await page(context, name, fields, status: 422)
        }
        let who = context.operatorByPage
        let reason = given.reason.flatMap { $0.isEmpty ? nil : $0 }
        try context.database.withConnection { try act.give(up: name, plan, DeliveryBooks($0, for: who), reason) }
        return .redirect(to: act == .skip ? DeliveryPages.path(name) + "?done=true" : "/admin/deliveries")
    }

    private func page(
        _ context: borrowing Context, _ listener: String, _ form: FormFields, status: Int = 200
    ) async throws -> Page {
        let lanes = try await context.database.query(DeliveryBooks.lanes(of: listener, most: ListenerView.most))
        guard let view = ListenerView.all(try DeliveryBooks.lanes(lanes), ListenerClaims(plan)).first else {
            throw Problem.notFound
        }
        let words = "lyceum.admin.give_up.\(act.rawValue)"
        let path = DeliveryPages.path(listener)
        return Page(
            "lyceum.give-up", title: .words(words),
            Parts(
                listener: listener, back: path, path: "\(path)/\(act.rawValue)", heading: Text(words),
                about: Text(words + ".about"), behind: PageWords.behind(view.behind), waiting: view.waiting,
                dead: view.dead, hasReason: act == .skip, form: form),
            status: status)
    }
}

extension GiveUpPages.Act {
    /// Does it.
    func give(up listener: String, _ plan: RegionPlan, _ books: DeliveryBooks, _ reason: String?) throws {
        switch self {
        case .skip: try books.skipAll(listener, reason: reason)
        case .forget: try books.forget(listener, .serving(plan))
        }
    }
}

/// The same in the API.
struct GiveUpRoutes: Sendable {
    let plan: RegionPlan

    @Sendable func skip(
        _ context: borrowing Context, _ listener: DottedName, _ body: Body<SkipAllRequest>
    ) async throws -> NoContent {
        try give(.skip, context, listener, body.value.reason)
    }

    @Sendable func forget(
        _ context: borrowing Context, _ listener: DottedName, _ body: Body<ForgetRequest>
    ) async throws -> NoContent {
        try give(.forget, context, listener, nil)
    }

    private func give(
        _ act: GiveUpPages.Act, _ context: borrowing Context, _ listener: DottedName, _ reason: String?
    ) throws -> NoContent {
        let who = context.operatorByAPI
        try context.database.withConnection {
            try act.give(up: listener.value, plan, DeliveryBooks($0, for: who), reason)
        }
        return NoContent()
    }
}

/// What a client of the API sends to give up all that a listener has not been given.
struct SkipAllRequest: Input {
    @Field("Why, for whoever asks later.", .multiline.length(1...500)) var reason: String
    @Field("Must be true: what the listener has not been given is lost for it.") var confirmed: Bool

    func check(_ faults: inout Faults) {
        if !confirmed { faults.add($confirmed, "must be true, because this cannot be undone") }
    }
}

/// What a client of the API sends to forget a listener.
struct ForgetRequest: Input {
    @Field("Must be true: what the listener has not been given is lost for it, and its place.") var confirmed: Bool

    func check(_ faults: inout Faults) {
        if !confirmed { faults.add($confirmed, "must be true, because this cannot be undone") }
    }
}
