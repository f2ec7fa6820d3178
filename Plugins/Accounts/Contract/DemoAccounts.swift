internal import Lyceum

/// The people of the example data, whom other plugins' example data may name.
public enum DemoAccounts {
    /// Grace, who teaches.
    public static let instructor = Account.ID(RawID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001))
    /// Ada, who learns.
    public static let student = Account.ID(RawID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002))
    /// Radia, who runs the place.
    public static let administrator = Account.ID(RawID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0003))
}
