public import Lyceum

/// What a region may say about files.
public struct MediaSettings: Input {
    /// How much one person may keep, in bytes.
    @Field("How much one person may keep, in bytes; what is being uploaded counts.", .range(0...1_125_899_906_842_624))
    public var personBytes: Int64 = 10_737_418_240
    /// How much the region may keep, in bytes.
    @Field("How much the whole region may keep, in bytes.", .range(0...1_125_899_906_842_624))
    public var regionBytes: Int64 = 1_099_511_627_776
    /// The largest file, in bytes.
    @Field("The largest file, in bytes.", .range(1...1_099_511_627_776)) public var fileBytes: Int64 = 4_294_967_296
    /// How long an upload waits for its next part.
    @Field("Hours after which an upload is given up to which nothing is added.", .range(1...720)) public
        var uploadHours = 24
    /// How long a file is kept that belongs to nothing.
    @Field("Hours after which a file is removed that belongs to nothing.", .range(1...8_760)) public var orphanHours =
        24
    /// The widths of the smaller pictures of an image.
    @Field("The widths in which images are shown, in pixels.") public var widths = [320, 960, 1_920]
    /// The largest image of which pictures are made.
    @Field("The largest image of which pictures are made, in pixels.", .range(10_000...1_000_000_000))
    public var imagePixels = 100_000_000

    /// The defaults.
    public init() {}

    /// Rules of the list.
    public func check(_ faults: inout Faults) {
        if widths.count > 8 || widths.contains(where: { !(16...8_192).contains($0) }) || widths != widths.sorted() {
            faults.add($widths, "must be at most 8 numbers from 16 to 8192, the smallest first; they are \(widths)")
        }
    }
}
