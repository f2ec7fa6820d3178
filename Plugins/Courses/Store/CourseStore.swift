internal import AccountsContract
internal import CoursesContract
internal import Lyceum
internal import PostgreSQL

/// The statements about courses.
enum CourseStore {
    /// The published courses that a filter wants, newest first.
    static func catalogue(_ filter: CourseFilter, _ database: Database) async throws -> Listing<CourseSummary> {
        let (at, id) = try filter.after.values(Instant.self, Course.ID.self)
        return try await database.listing(
            CourseSummary.self, limit: filter.limit, key: ["published_at", "id"],
            """
            select course.id, course.title, course.slug, course.summary, category.name as category, course.level,
                course.price_minor, course.currency, course.published_at
            from courses.course left join courses.category on category.id = course.category_id
            where course.status = 'published'
              and (\(at)::timestamptz is null or (course.published_at, course.id) < (\(at), \(id)))
              and (\(filter.level)::text is null or course.level = \(filter.level))
              and (\(filter.search)::text is null
                or position(lower(\(filter.search)) in lower(course.title || ' ' || coalesce(course.summary, ''))) > 0)
              and (\(filter.category)::text is null or course.category_id in (
                with recursive below as (
                    select id from courses.category where slug = \(filter.category)
                    union select child.id from courses.category as child join below on child.parent_id = below.id)
                select id from below))
            order by course.published_at desc, course.id desc
            limit \(filter.limit + 1)
            """)
    }

    /// A course; a draft only for those whose it is.
    static func view(
        _ course: Course.ID, _ drafts: Drafts, _ database: Database
    ) async throws -> SingleRow<CourseView> {
        try await database.row(CourseView.self, statement(course, drafts))
    }

    static func view(
        _ course: Course.ID, _ drafts: Drafts, _ transaction: borrowing Transaction
    ) async throws -> CourseView {
        try await transaction.value(CourseView.self, statement(course, drafts))
    }

    private static func statement(_ course: Course.ID, _ drafts: Drafts) -> Statement {
        """
        select course.id, course.title, course.slug, course.summary, course.description, category.name as category,
            course.level, course.status, course.price_minor, course.currency,
            coalesce(learner_count.learners, 0) as learners, course.author_id as author, course.published_at, course.version
        from courses.course
            left join courses.category on category.id = course.category_id
            left join courses.learner_count on learner_count.course_id = course.id
        where course.id = \(course)
          and (course.status = 'published' or \(drafts.everybody) or course.author_id = \(drafts.author))
        """
    }

    /// Writes a draft.
    static func create(
        _ draft: CourseDraft, by author: Account.ID, _ transaction: borrowing Transaction
    ) async throws -> Course.ID {
        let own = transaction.region.currency
        guard draft.price.currency == own else { throw CoursesError.foreignCurrency(own) }
        let id = transaction.newID(Course.ID.self)
        do {
            try await transaction.run(
                """
                insert into courses.course (id, title, slug, summary, description, category_id, level, status,
                    price_minor, currency, author_id, created_at)
                values (\(id), \(draft.title), \(draft.slug), \(draft.summary), \(draft.description), \(draft.category),
                    \(draft.level), 'draft', \(draft.price.amount), \(draft.price.currency), \(author),
                    \(transaction.now))
                """)
        } catch let error as DatabaseError where error.constraint == "course_slug_unique" {
            throw CoursesError.slugTaken
        } catch let error as DatabaseError where error.kind == .foreignKey {
            throw CoursesError.noSuchCategory
        }
        return id
    }

    /// A course as whoever may change it finds it.
    static func editable(
        _ course: Course.ID, _ drafts: Drafts, _ database: Database
    ) async throws -> EditedCourse {
        try await database.row(
            EditedCourse.self,
            """
            select title, slug, summary, description, category_id as category, level, price_minor, currency, version
            from courses.course
            where id = \(course) and (\(drafts.everybody) or author_id = \(drafts.author))
            """
        ).value()
    }

    /// Changes a course: of two who change the same version at the same time one is told that there is another by now.
    ///
    /// What is not theirs is not there for them, even where it is published.
    static func change(
        _ course: Course.ID, _ change: CourseChange, matching match: IfMatch, _ drafts: Drafts,
        _ transaction: borrowing Transaction
    ) async throws {
        let old = try await transaction.value(
            EditedCourse.self, matching: match,
            """
            select title, slug, summary, description, category_id as category, level, price_minor, currency, version
            from courses.course
            where id = \(course) and (\(drafts.everybody) or author_id = \(drafts.author))
            for update
            """)
        let price = change.price.applied(to: old.price)
        let own = transaction.region.currency
        guard price.currency == own || price == old.price else { throw CoursesError.foreignCurrency(own) }
        do {
            try await transaction.run(
                """
                update courses.course set title = \(change.title.applied(to: old.title)),
                    slug = \(change.slug.applied(to: old.slug)), summary = \(change.summary.applied(to: old.summary)),
                    description = \(change.description.applied(to: old.description)),
                    category_id = \(change.category.applied(to: old.category)),
                    level = \(change.level.applied(to: old.level)), price_minor = \(price.amount),
                    currency = \(price.currency), version = version + 1
                where id = \(course)
                """)
        } catch let error as DatabaseError where error.constraint == "course_slug_unique" {
            throw CoursesError.slugTaken
        } catch let error as DatabaseError where error.kind == .foreignKey {
            throw CoursesError.noSuchCategory
        }
    }

    /// Publishes a draft, once: of two who try at the same time one is told that it is published already.
    ///
    /// Others are asked only about a draft that whoever asks may publish, and while nobody else can.
    static func publish(_ course: Course.ID, _ drafts: Drafts, _ transaction: borrowing Transaction) async throws {
        let rows = try await transaction.query(
            """
            select title, status = 'draft' from courses.course
            where id = \(course) and (status = 'published' or \(drafts.everybody) or author_id = \(drafts.author))
            for update
            """)
        guard var row = rows.first else { throw Problem.notFound }
        let title: String = try row.next()
        guard try row.next(as: Bool.self) else { throw CoursesError.notDraft }
        try await transaction.ask(.publishing, course)
        let now = transaction.now
        try await transaction.run(
            """
            update courses.course set status = 'published', published_at = \(now), version = version + 1
            where id = \(course)
            """)
        try transaction.emit(CoursePublished(course: course, title: title, at: now))
    }

    /// What somebody may edit, newest first.
    static func editable(_ drafts: Drafts, _ database: Database) async throws -> [AuthoredCourse] {
        try await database.values(
            AuthoredCourse.self,
            """
            select id, title, slug, status from courses.course
            where \(drafts.everybody) or author_id = \(drafts.author)
            order by created_at desc, id desc limit 200
            """)
    }
}

/// A course in its author's list.
struct AuthoredCourse: View {
    var id: Course.ID
    var title: String
    var slug: String
    var status: CourseStatus
}
