internal import JSON
public import PostgreSQL

/// A currency of ISO 4217, list one (active codes), as amended to January 2026; without the codes that have no minor
/// unit, such as gold and the test code.
public struct Currency: Hashable, Sendable {
    /// The three letters, first letter highest.
    private let letters: UInt32

    private init(letters: UInt32) { self.letters = letters }

    /// Reads a code, in capitals; nil for one that is not in the list.
    public init?(_ code: String) {
        var code = code
        guard let currency = code.withUTF8({ Currency(utf8: $0) }) else { return nil }
        self = currency
    }

    /// Reads a code, in capitals; nil for one that is not in the list.
    public init?(utf8 code: UnsafeBufferPointer<UInt8>) {
        guard code.count == 3 else { return nil }
        letters = UInt32(code[0]) << 16 | UInt32(code[1]) << 8 | UInt32(code[2])
        guard Self.index(letters) != nil else { return nil }
    }

    /// The code: `EUR`.
    public var code: String {
        String(decoding: [UInt8(letters >> 16 & 255), UInt8(letters >> 8 & 255), UInt8(letters & 255)], as: UTF8.self)
    }

    /// How many decimals the minor unit stands for: 2 for most, 0 for JPY, 3 for KWD, 4 for CLF.
    public var decimals: Int { Self.index(letters).map { Int(Self.all[$0].decimals) } ?? 2 }

    /// Every currency, in the order of codes.
    public static var list: [Currency] { all.map { Currency(letters: $0.letters) } }

    /// The euro.
    public static let eur = Currency(letters: 0x45_55_52)
    /// The pound sterling.
    public static let gbp = Currency(letters: 0x47_42_50)
    /// The Indian rupee.
    public static let inr = Currency(letters: 0x49_4E_52)
    /// The yen.
    public static let jpy = Currency(letters: 0x4A_50_59)
    /// The US dollar.
    public static let usd = Currency(letters: 0x55_53_44)

    private static func index(_ letters: UInt32) -> Int? {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].letters == letters { return middle }
            if all[middle].letters < letters { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    private static let all: [(letters: UInt32, decimals: UInt8)] = {
        func read(_ codes: String, _ decimals: UInt8) -> [(letters: UInt32, decimals: UInt8)] {
            codes.split { $0 == " " || $0 == "\n" }.map { code in
                (code.utf8.reduce(0) { $0 << 8 | UInt32($1) }, decimals)
            }
        }
        let two = """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
            CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
            IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
            MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
            SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG
            YER ZAR ZMW ZWG
            """
        let none = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
        let three = "BHD IQD JOD KWD LYD OMR TND"
        let four = "CLF UYW"
        return (read(two, 2) + read(none, 0) + read(three, 3) + read(four, 4)).sorted { $0.letters < $1.letters }
    }()
}

extension Currency: LosslessStringConvertible, Comparable {
    /// The code.
    public var description: String { code }
    /// By code.
    public static func < (a: Currency, b: Currency) -> Bool { a.letters < b.letters }
}

extension Currency: Described, Codable {
    /// Text in the format of a currency's code.
    public static func schema(_ book: Book) -> Schema { .string(.currency, length: nil) }
    /// EUR.
    public static var example: Currency { .eur }

    /// Decodes the code.
    public init(from decoder: any Decoder) throws {
        if let utf8 = decoder.tree?.value?.utf8, let currency = Currency(utf8: utf8) {
            self = currency
            return
        }
        let code = try decoder.singleValueContainer().decode(String.self)
        guard let currency = Currency(code) else { throw DescriptionError("\"\(code)\" is no currency of ISO 4217") }
        self = currency
    }

    /// Encodes the code.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}

extension Currency: SQLValue {
    /// Reads a column that holds the code.
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) { self.init(utf8: bytes) }
    /// Writes the code.
    public func append(sql bytes: inout [UInt8]) { bytes.append(contentsOf: code.utf8) }
}
