/// The words of the kernel's own pages.
enum KernelWords {
    static let all: [(locale: String, words: [String: String])] = [("en", [:])]
}
