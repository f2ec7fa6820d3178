/// An answer is larger than `limits.responseBytes` allows; writing it is broken off.
package struct ResponseTooLarge: Error, CustomStringConvertible {
    package init() {}

    package var description: String { "the answer is larger than limits.responseBytes allows" }
}
