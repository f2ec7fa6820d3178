import Kernel
import Lyceum
import PostgreSQL

/// Emitted by the shop.
struct OrderPlaced: Event {
    static let name = "shop.order.placed"
    static let major = 1
    var order: String
    var key: String { order }
}

/// A plugin with a schema and an event.
struct ShopPlugin: Plugin {
    static let manifest = Manifest(id: "shop", version: "1.0.0")
    static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(1, "orders", "create table shop.order (id text primary key);"),
            Migration(2, "totals", "alter table shop.order add total integer not null default 0;"),
        ])
        Emits(OrderPlaced.self)
    }
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}

/// A plugin with a hyphen in its id, a listener, and a need for the other.
struct NewsLetterPlugin: Plugin {
    static let manifest = Manifest(
        id: "news-letter", version: "1.2.0", requires: [.plugin("shop", from: "1.0.0")])
    static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([Migration(1, "letters", "create table news_letter.letter (id text primary key);")])
    }
    func contributions(_ settings: NoSettings) -> [any Contribution] {
        Listener("thank", on: OrderPlaced.self) { order, transaction in
            try await transaction.run("insert into news_letter.letter values (\(order.order))")
        }
    }
}

/// The shop, a version later.
struct LaterShopPlugin: Plugin {
    static let manifest = Manifest(id: "shop", version: "1.1.0")
    static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(1, "orders", "create table shop.order (id text primary key);"),
            Migration(2, "totals", "alter table shop.order add total integer not null default 0;"),
            Migration(3, "notes", "alter table shop.order add note text;"),
        ])
        Emits(OrderPlaced.self)
    }
    func contributions(_ settings: NoSettings) -> [any Contribution] { [] }
}
