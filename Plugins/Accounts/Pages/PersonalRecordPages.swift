internal import AccountsContract
internal import Lyceum

/// The pages of what is held of people: their own, and the administration's.
enum PersonalRecordPages {
    struct View: Codable, Sendable {
        var id: Account.ID?
        var name: String
        var form: FormFields
        var going: [HoldingPart]
        var staying: [HoldingPart]
        var isAllGoing: Bool
        var isComplete: Bool
        var unknown: String
        var mayExport: Bool
        var mayErase: Bool
    }

    struct HoldingPart: Codable, Sendable {
        var name: String
        var rows: Text?
        var columns: String?
        var reason: String?
    }

    private static func parts(_ holdings: [PersonalHolding], _ form: FormFields, name: String) -> View {
        func part(_ one: PersonalHolding, reason: String?) -> HoldingPart {
            HoldingPart(
                name: "\(one.plugin).\(one.table)", rows: one.rows.map { Text("accounts.data.rows", count: $0) },
                columns: reason == nil || one.kept.isEmpty ? nil : one.kept.joined(separator: ", "), reason: reason)
        }
        let there = holdings.filter { $0.rows != 0 && $0.fate != .unknown }
        let staying = there.filter { $0.reason != nil }
        let unknown = holdings.filter { $0.fate == .unknown }.map(\.plugin)
        return View(
            name: name, form: form,
            going: there.filter { $0.fate == .removed || $0.fate == .anonymised }.map { part($0, reason: nil) },
            staying: staying.map { part($0, reason: $0.reason) }, isAllGoing: staying.isEmpty,
            isComplete: unknown.isEmpty, unknown: unknown.joined(separator: ", "), mayExport: true, mayErase: true)
    }

    // MARK: One's own

    private static func page(
        _ form: FormFields, status: Int = 200, _ context: borrowing Context
    ) async throws -> Page {
        let user = try context.user
        let holdings = try await PersonalRecordStore.holdings(user.account, context.database)
        return Page(
            "accounts.data", title: .words("accounts.data.title"), parts(holdings, form, name: user.name),
            status: status)
    }

    @Sendable static func show(_ context: borrowing Context) async throws -> Page {
        try await page(try context.blankForm(PasswordConfirmed.self), context)
    }

    @Sendable static func download(_ context: borrowing Context) async throws -> Page {
        let account = try context.user.account
        return .download(
            "\(context.region.id)-\(account).json",
            json: try await PersonalRecordStore.export(account, context.database))
    }

    @Sendable static func erase(_ context: borrowing Context, _ form: Form<PasswordConfirmed>) async throws -> Page {
        guard let given = form.value else { return try await page(form.fields, status: 422, context) }
        do {
            try await PersonalRecordRoutes.eraseOwn(given.password, context)
            return Page.redirect(to: "/").endingSession()
        } catch AccountsError.wrongPassword {
            let fields = form.fields.failing("password", Text("accounts.problem.wrong_password"))
            return try await page(fields, status: 403, context)
        } catch AccountsError.lastAdministrator {
            let fields = form.fields.failing(nil, Text("accounts.problem.last_administrator"))
            return try await page(fields, status: 409, context)
        } catch AccountsError.unknownData {
            let fields = form.fields.failing(nil, Text("accounts.problem.unknown_data"))
            return try await page(fields, status: 409, context)
        }
    }

    // MARK: The administration's

    private static func page(
        _ account: Account.ID, _ form: FormFields, status: Int = 200, _ context: borrowing Context
    ) async throws -> Page {
        // Where somebody has rows says much of what is in them.
        guard context.may(.exportPeople) || context.may(.erasePeople) else { throw Problem.forbidden }
        let person = try await PeopleStore.person(account, context.database)
        var view = parts(try await PersonalRecordStore.holdings(account, context.database), form, name: person.name)
        view.id = account
        (view.mayExport, view.mayErase) = (context.may(.exportPeople), context.may(.erasePeople))
        return Page("accounts.person-data", title: .text(person.name), view, status: status)
    }

    @Sendable static func showPerson(_ context: borrowing Context, _ account: Account.ID) async throws -> Page {
        try await page(account, try context.blankForm(AddressConfirmed.self), context)
    }

    @Sendable static func downloadPerson(_ context: borrowing Context, _ account: Account.ID) async throws -> Page {
        .download(
            "\(context.region.id)-\(account).json",
            json: try await PersonalRecordStore.export(account, context.database))
    }

    @Sendable static func erasePerson(
        _ context: borrowing Context, _ account: Account.ID, _ form: Form<AddressConfirmed>
    ) async throws -> Page {
        guard let given = form.value else { return try await page(account, form.fields, status: 422, context) }
        do {
            try await PersonalRecordRoutes.erase(account, confirmed: given.email, context)
            return .redirect(to: "/admin/accounts/people")
        } catch AccountsError.notThatAddress {
            let fields = form.fields.failing("email", Text("accounts.problem.not_that_address"))
            return try await page(account, fields, status: 422, context)
        } catch AccountsError.lastAdministrator {
            let fields = form.fields.failing(nil, Text("accounts.problem.last_administrator"))
            return try await page(account, fields, status: 409, context)
        } catch AccountsError.unknownData {
            let fields = form.fields.failing(nil, Text("accounts.problem.unknown_data"))
            return try await page(account, fields, status: 409, context)
        }
    }
}
