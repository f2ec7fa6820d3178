import Lyceum
import PostgreSQL
import Synchronization
import Testing

private func sql<T: SQLValue>(_ value: T) -> String {
    var bytes: [UInt8] = []
    value.append(sql: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}

private func read<T: SQLValue>(_ type: T.Type, _ text: String) -> T? {
    Array(text.utf8).withUnsafeBufferPointer { T(sql: $0) }
}

@Suite("Ids are UUIDs of version 7 that grow")
struct IDTests {
    @Test("an id has version, variant and the time it was made")
    func layout() {
        let id = RawID.make()
        let text = Array(id.description)
        #expect(text.count == 36)
        #expect(text[14] == "7")
        #expect("89ab".contains(text[19]))
        #expect(abs((Instant.now - (id.instant ?? .example)).components.seconds) < 60)
    }

    @Test("ids of one process grow, whoever makes them")
    func growing() async {
        let all = await withTaskGroup(of: [RawID].self) { group in
            for _ in 0..<4 { group.addTask { (0..<5000).map { _ in RawID.make() } } }
            return await group.reduce(into: [[RawID]]()) { $0.append($1) }
        }
        for ids in all { #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }) }
        #expect(Set(all.joined()).count == 20_000)
    }

    @Test("ids grow while the clock stands still or runs backwards, and when the counter overflows")
    func clocks() {
        let times = Mutex([Int64](repeating: 5000, count: 10) + [4000, 3000, 6000, 1000])
        let generator = IDGenerator(
            now: { times.withLock { Instant(microseconds: ($0.isEmpty ? 7000 : $0.removeFirst()) * 1000) } },
            random: { .max })
        let ids = (0..<14).map { _ in generator.next() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids.allSatisfy { $0.high >> 12 & 15 == 7 && $0.low >> 62 == 2 })
        #expect(ids[12].instant == Instant(microseconds: 6_000_000))
        #expect(ids[13].instant == ids[12].instant)
    }

    @Test("time and chance decide an id entirely")
    func injected() {
        let generator = IDGenerator(now: { Instant.example }, random: { 0 })
        #expect(
            generator.next().description == "019b78cf-e140-7000-8000-000000000000"
                || generator.next().instant == Instant.example)
        #expect(generator.next() < generator.next())
    }

    @Test("the text of an id is read in small and capital letters, and in no other form")
    func texts() {
        let text = "01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11"
        #expect(RawID(text)?.description == text)
        #expect(RawID(text.uppercased())?.description == text)
        #expect(RawID("ffffffff-ffff-ffff-ffff-ffffffffffff")?.low == .max)
        for wrong in [
            "", "7", String(text.dropLast()), text + "0", "{\(text)}", text.replacing("-", with: ""),
            text.replacing("c", with: "g"), "01980c2e7-d4a-7c3e-9a51-6f0b8a2d4c11",
        ] {
            #expect(RawID(wrong) == nil, "\(wrong)")
        }
        #expect(Course.ID(text)?.raw == RawID.example)
        #expect(sql(Course.ID.example) == text)
        #expect(read(Course.ID.self, text) == Course.ID.example)
    }

    @Test("ids sort as their texts do")
    func order() {
        let ids = (0..<1000).map { _ in RawID(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)) }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }
}

@Suite("Days")
struct DayTests {
    @Test("every day of ten thousand years is found again")
    func everyDay() throws {
        var expected = (year: 1, month: 1, day: 1)
        for number in Day.first.number...Day.last.number {
            let parts = Day(number: number).parts
            if parts != expected {
                Issue.record("\(number) is \(parts), not \(expected)")
                return
            }
            if number % 97 == 0 {
                #expect(Day(year: parts.year, month: parts.month, day: parts.day)?.number == number)
            }
            let leap = parts.year % 4 == 0 && (parts.year % 100 != 0 || parts.year % 400 == 0)
            let length = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][parts.month - 1]
            expected =
                parts.day < length
                ? (parts.year, parts.month, parts.day + 1)
                : parts.month < 12 ? (parts.year, parts.month + 1, 1) : (parts.year + 1, 1, 1)
        }
        #expect(expected.year == 10_000)
    }

    @Test(
        "texts",
        arguments: ["0001-01-01", "1582-10-15", "1969-12-31", "1970-01-01", "2000-02-29", "2026-12-31", "9999-12-31"])
    func texts(_ text: String) throws {
        let day = try #require(Day(text))
        #expect(day.description == text)
        #expect(sql(day) == text)
        #expect(read(Day.self, text) == day)
        #expect(Day(number: day.number) == day)
    }

    @Test(
        "what is no day",
        arguments: [
            "", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "0000-01-01",
            "2026-1-1", "26-01-01", "2026-01-01T", " 2026-01-01", "10000-01-01", "infinity", "-infinity",
            "0044-03-15 BC",
        ])
    func refused(_ text: String) {
        #expect(Day(text) == nil)
        #expect(read(Day.self, text) == nil)
    }

    @Test("reckoning stays within the calendar")
    func arithmetic() throws {
        let day = try #require(Day("2024-02-28"))
        #expect(day.adding(days: 1).description == "2024-02-29")
        #expect(day.adding(days: 2).days(since: day) == 2)
        #expect(day.adding(days: .max) == .last && day.adding(days: .min) == .first)
        #expect(Day(number: .max).description == "9999-12-31" && Day(number: .min).description == "0001-01-01")
        #expect(try #require(Day("2026-11-21")).weekday == 6)
        #expect(try #require(Day("1970-01-01")).weekday == 4)
        #expect(Day.first.weekday == 1)
    }
}

@Suite("Instants")
struct InstantTests {
    @Test("RFC 3339 is read to the microsecond, and written in UTC")
    func texts() {
        let pairs = [
            ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00Z"), ("2026-01-31t09:00:00z", "2026-01-31T09:00:00Z"),
            ("2026-01-31T09:00:00.25+01:00", "2026-01-31T08:00:00.25Z"),
            ("2026-01-31T23:30:00-02:30", "2026-02-01T02:00:00Z"),
            ("2026-01-31T09:00:00.123456789Z", "2026-01-31T09:00:00.123456Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
            ("2026-01-31T09:00:00.100000-00:00", "2026-01-31T09:00:00.1Z"),
        ]
        for (text, wanted) in pairs { #expect(Instant(text)?.description == wanted, "\(text)") }
        #expect(Instant("1970-01-01T00:00:00.000001Z")?.microseconds == 1)
        #expect(Instant("1969-12-31T23:59:59.999999Z")?.microseconds == -1)
    }

    @Test(
        "what is no instant",
        arguments: [
            "", "2026-01-31", "2026-01-31T09:00:00", "2026-01-31 09:00:00Z", "2026-01-31T24:00:00Z",
            "2026-01-31T09:60:00Z", "2026-06-30T23:59:60Z", "2026-01-31T09:00:00.Z", "2026-01-31T09:00:00+01",
            "2026-01-31T09:00:00+24:00", "2026-01-31T09:00:00+01:60", "2026-02-30T09:00:00Z", "2026-01-31T09:00:00ZZ",
            "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
        ])
    func refused(_ text: String) { #expect(Instant(text) == nil) }

    @Test("PostgreSQL's text is read, but not infinity and not what JSON has no date for")
    func rows() {
        #expect(read(Instant.self, "2026-11-21 09:11:44.25+00")?.description == "2026-11-21T09:11:44.25Z")
        #expect(read(Instant.self, "2026-11-21 09:11:44+05:30")?.description == "2026-11-21T03:41:44Z")
        for wrong in [
            "infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "10000-01-01 00:00:00+00", "2026-11-21T09:11:44Z",
            "2026-11-21 09:11:44",
        ] {
            #expect(read(Instant.self, wrong) == nil, "\(wrong)")
        }
        #expect(sql(Instant.example) == "2026-01-01T09:00:00Z")
    }

    @Test("reckoning stays within the calendar")
    func arithmetic() {
        let now = Instant.example
        #expect((now + .seconds(90)).description == "2026-01-01T09:01:30Z")
        #expect((now - .milliseconds(1)).description == "2026-01-01T08:59:59.999Z")
        #expect((now + .seconds(90)) - now == .seconds(90))
        #expect((now + .seconds(Int64.max)).description == "9999-12-31T23:59:59.999999Z")
        #expect((now - .seconds(Int64.max / 2)).description == "0001-01-01T00:00:00Z")
        #expect(Instant(microseconds: .min).day == .first && Instant(microseconds: .max).day == .last)
        #expect(Instant(microseconds: -1).day.description == "1969-12-31")
        #expect(Instant.now > now)
    }
}

@Suite("Money and currencies")
struct MoneyTests {
    @Test("decimals are those of ISO 4217")
    func decimals() {
        let expected = [
            "EUR": 2, "USD": 2, "JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3, "CLF": 4,
            "UYW": 4, "XOF": 0, "MRU": 2,
        ]
        for (code, decimals) in expected { #expect(Currency(code)?.decimals == decimals, "\(code)") }
        #expect(Currency.list.count == Set(Currency.list.map(\.code)).count)
        #expect((160...180).contains(Currency.list.count))
        #expect(Currency.list == Currency.list.sorted())
        for currency in Currency.list { #expect(Currency(currency.code) == currency) }
        for known in [Currency.eur, .gbp, .inr, .jpy, .usd] { #expect(Currency(known.code) == known) }
    }

    @Test(
        "what is no active currency",
        arguments: ["", "EU", "eur", "EURO", "XXX", "XAU", "HRK", "DEM", "ZZZ", "E\u{301}U"])
    func refused(_ code: String) { #expect(Currency(code) == nil) }

    @Test("amounts are written for people with the currency's decimals")
    func formatting() {
        #expect(Money(1999, .usd).formatted() == "19.99\u{A0}USD")
        #expect(Money(5, .usd).formatted() == "0.05\u{A0}USD")
        #expect(Money(-5, .usd).formatted() == "-0.05\u{A0}USD")
        #expect(Money(0, .usd).formatted() == "0.00\u{A0}USD")
        #expect(Money(1999, .jpy).formatted() == "1,999\u{A0}JPY")
        #expect(Currency("KWD").map { Money(1_234_567, $0).formatted() } == "1,234.567\u{A0}KWD")
        #expect(Money(123_456_789, .eur).formatted("de-DE") == "1.234.567,89\u{A0}EUR")
        #expect(Money(123_456_789, .eur).formatted("fr") == "1\u{202F}234\u{202F}567,89\u{A0}EUR")
        #expect(Money(123_456_789, .inr).formatted("en-IN") == "12,34,567.89\u{A0}INR")
        #expect(Money(.min, .usd).formatted("xx") == "-92,233,720,368,547,758.08\u{A0}USD")
    }

    @Test("amounts are reckoned exactly or refused")
    func arithmetic() throws {
        #expect(try Money(1, .eur).adding(Money(2, .eur)) == Money(3, .eur))
        #expect(try Money(7, .eur).times(-3) == Money(-21, .eur))
        #expect(throws: MoneyError.currencies(.eur, .usd)) { try Money(1, .eur).adding(Money(2, .usd)) }
        #expect(throws: MoneyError.overflow) { try Money(.max, .eur).adding(Money(1, .eur)) }
        #expect(throws: MoneyError.overflow) { try Money(.max, .eur).times(2) }
    }
}
