internal import Foundation

/// The configuration of the nginx that `up` runs, made from nginx/standalone.conf.
struct NginxConfiguration {
    let state: StateDirectory
    /// The directory of the platform's nginx files.
    let files: String
    let port: Int
    let socket: String
    /// The directory of uploaded files.
    let filesDirectory: String
    /// The largest body, in bytes.
    let body: Int

    /// Where the configuration is written.
    var path: String { state.nginx + "/nginx.conf" }

    /// Writes it.
    func write() throws {
        let template = files + "/standalone.conf"
        guard let text = try? String(contentsOfFile: template, encoding: .utf8) else {
            throw Failure(
                "\(template) cannot be read; LYCEUM_SHARE names the directory that holds nginx/standalone.conf")
        }
        let values = [
            "PORT": "\(port)", "BODY": "\(body)", "STATE": state.nginx, "SOCKET": socket, "NGINX": files,
            "FILES": filesDirectory,
            "ASSETS": Site.environment("LYCEUM_ASSETS") ?? state.path + "/assets",
        ]
        for (name, value) in values where value.contains(where: { "\"'$;{}\\\n".contains($0) }) {
            throw Failure(
                "nginx cannot be told the path \(value) (\(name)): quotes, $, ;, braces and backslashes mean something to it; "
                    + "choose another --state")
        }
        var result = text
        for (name, value) in values { result = result.replacing("@\(name)@", with: value) }
        if let left = result.firstMatch(of: /@[A-Z_]+@/) {
            throw Failure("\(template) has the placeholder \(left.output), which nothing fills")
        }
        for directory in ["", "/temp"] {
            try FileManager.default.createDirectory(
                atPath: state.nginx + directory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        try Command.write(result, to: path)
    }
}
