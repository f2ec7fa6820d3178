package import PostgreSQL

/// How rows become views, found once per statement and thread.
package final class PlanCache {
    private struct Key: Hashable {
        let view: ObjectIdentifier
        let statement: Statement.Identity
    }
    private let book = Book()
    private var plans: [Key: RowPlan] = [:]
    /// What the thread is asked, which a list's cursor is bound to; nil outside of requests.
    @exclusivity(unchecked) package var request: Request?

    package func rows<V: View>(_ type: V.Type, _ statement: borrowing Statement, _ result: Result) throws -> Rows<V> {
        let key = Key(view: ObjectIdentifier(type), statement: statement.identity)
        let list = request?.list ?? 0
        if let plan = plans[key] { return Rows(result, plan, list: list) }
        let plan = try RowPlan(try book.object(type), result)
        plans[key] = plan
        return Rows(result, plan, list: list)
    }

    /// The description of a type that no route declared, such as a form shown empty.
    package func schema<I: Input>(_ type: I.Type) throws -> ObjectSchema { try book.object(type) }
}
