internal import CoursesContract
internal import Lyceum
internal import PostgreSQL

/// The statements about categories.
enum CategoryStore {
    /// All of them, each after the one it is part of.
    static func all(_ database: Database) async throws -> Rows<CategoryView> {
        try await database.rows(
            CategoryView.self,
            """
            with recursive tree as (
                select id, name, slug, parent_id, array[lower(name)] as path from courses.category where parent_id is null
                union all
                select child.id, child.name, child.slug, child.parent_id, tree.path || lower(child.name)
                from courses.category as child join tree on child.parent_id = tree.id)
            select id, name, slug, parent_id as parent from tree order by path, id
            """)
    }

    /// Makes a category.
    ///
    /// It can only be put under one that exists, so categories never go round in a circle.
    static func create(_ draft: CategoryDraft, _ transaction: borrowing Transaction) async throws -> CategoryView {
        let id = transaction.newID(Category.ID.self)
        do {
            try await transaction.run(
                """
                insert into courses.category (id, name, slug, parent_id)
                values (\(id), \(draft.name), \(draft.slug), \(draft.parent))
                """)
        } catch let error as DatabaseError where error.constraint == "category_slug_unique" {
            throw CoursesError.slugTaken
        } catch let error as DatabaseError where error.kind == .foreignKey {
            throw CoursesError.noSuchCategory
        }
        return CategoryView(id: id, name: draft.name, slug: draft.slug, parent: draft.parent)
    }
}
