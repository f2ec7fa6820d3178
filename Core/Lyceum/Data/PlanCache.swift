package import PostgreSQL

/// How rows become views, found once per statement and thread.
package final class PlanCache {
    private struct Key: Hashable {
        let view: ObjectIdentifier
        let statement: Statement.Identity
    }
    private let book = Book()
    private var plans: [Key: RowPlan] = [:]

    package func rows<V: View>(_ type: V.Type, _ statement: borrowing Statement, _ result: Result) throws -> Rows<V> {
        let key = Key(view: ObjectIdentifier(type), statement: statement.identity)
        if let plan = plans[key] { return Rows(result, plan) }
        let plan = try RowPlan(try book.object(type), result)
        plans[key] = plan
        return Rows(result, plan)
    }

    /// The description of a type that no route declared, such as a form shown empty.
    package func schema<I: Input>(_ type: I.Type) throws -> ObjectSchema { try book.object(type) }
}
