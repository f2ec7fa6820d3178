internal import Foundation
internal import Kernel

extension StateDirectory {
    /// This host as the databases know it: by a name that was made once and stays with the state directory.
    func host() throws -> HostWatch.Host {
        let file = path + "/host"
        let known = (try? String(contentsOfFile: file, encoding: .utf8))?.trimmingCharacters(
            in: .whitespacesAndNewlines)
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let machine = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let people = "\(machine):\(path)"
        if let known, !known.isEmpty { return HostWatch.Host(id: known, name: people) }
        let made = UUID().uuidString.lowercased()
        try write(made + "\n", to: file)
        return HostWatch.Host(id: made, name: people)
    }
}
