internal import CMagic
internal import CVips
internal import Glibc

/// Looks into files that came from strangers, for the plugin that keeps them; each time in a new process with little of
/// everything, so that a file which breaks a library breaks nothing else.
///
///     lyceum-media type FILE                                    its media type, by its content
///     lyceum-media pictures FILE MOST-PIXELS [WIDTH TO]...      smaller pictures; for each its width, height and size
@main
enum Main {
    static func main() {
        let words = CommandLine.arguments
        switch words.dropFirst().first {
        case "type" where words.count == 3:
            confine(megabytes: 1_024, seconds: 10, most: 1 << 20)
            type(words[2])
        case "pictures" where words.count > 4 && words.count % 2 == 0:
            guard let pixels = Int64(words[3]) else { fail("\(words[3]) is no number of pixels") }
            confine(megabytes: 3_072, seconds: 60, most: 64 << 20)
            var targets: [(Int32, String)] = []
            for index in stride(from: 4, to: words.count, by: 2) {
                guard let width = Int32(words[index]) else { fail("\(words[index]) is no width") }
                targets.append((width, words[index + 1]))
            }
            pictures(words[2], pixels, targets)
        default: fail("usage: lyceum-media type FILE | lyceum-media pictures FILE MOST-PIXELS [WIDTH TO]...")
        }
        exit(0)
    }

    /// The memory is what may be asked for, which with threads and files that are mapped is much more than what is used.
    private static func confine(megabytes: UInt64, seconds: UInt64, most: UInt64) {
        guard lyceum_confine(megabytes << 20, seconds, most) else { fail("this process cannot be confined") }
    }

    private static func type(_ path: String) {
        let flags = MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_SYMLINK
        guard let magic = magic_open(flags), magic_load(magic, nil) == 0 else { fail("libmagic has no database") }
        guard let found = magic_file(magic, path) else {
            fail(magic_error(magic).map { String(cString: $0) } ?? "the type cannot be told")
        }
        print(String(cString: found))
    }

    private static func pictures(_ path: String, _ most: Int64, _ targets: [(Int32, String)]) {
        guard lyceum_vips_start("lyceum-media") else { fail("libvips does not start") }
        var (width, height) = (Int64(0), Int64(0))
        guard lyceum_vips_size(path, &width, &height) else { fail("not an image that is read here") }
        // Before a pixel is decoded: a small file can stand for many gigabytes of them.
        guard width > 0, height > 0, width <= most / height else {
            fail("\(width) times \(height) are too many pixels")
        }
        var last: Int32 = 0
        for (wanted, to) in targets {
            // An image is never blown up: once it is as wide as it is, wider ones would be the same.
            if last > 0, last < wanted, Int64(last) >= width { break }
            var (madeWidth, madeHeight) = (Int32(0), Int32(0))
            guard lyceum_vips_picture(path, wanted, to, &madeWidth, &madeHeight) else {
                fail(String(cString: lyceum_vips_reason()))
            }
            if madeWidth == last {
                unlink(to)
                break
            }
            var status = stat()
            guard stat(to, &status) == 0 else { fail("\(to) was not written") }
            print("\(madeWidth) \(madeHeight) \(status.st_size)")
            last = madeWidth
        }
    }

    private static func fail(_ sentence: String) -> Never {
        let line = Array((sentence + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(1)
    }
}
