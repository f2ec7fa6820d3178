internal import Foundation
internal import JSON
internal import Kernel
internal import Lyceum

/// Puts secrets in the place of what names them in a plugin's settings.
///
/// A secret is never written in the configuration, which is copied, mailed and kept in repositories. It is named:
///
///     file:PATH          the first line of a file that others cannot read; relative to the configuration's directory
///     env:NAME           a variable of the environment of `lyceum serve`
///     credential:NAME    a credential that systemd hands to the service (LoadCredential=, in $CREDENTIALS_DIRECTORY)
struct SecretReferences {
    /// The directory of the configuration.
    let directory: String
    /// The environment.
    let environment: [String: String]
    /// Whether a secret must be there.
    ///
    /// Whoever serves insists; `lyceum user`, in another shell, has no use for any.
    let insists: Bool

    /// What is accepted, for messages.
    static let accepted = "name it as file:PATH, env:NAME or credential:NAME (systemd)"

    /// Settings with their secrets, as JSON; `faults` gets what is wrong with those that cannot be had.
    func settings(_ text: String, of plugin: KnownPlugin, _ faults: inout Faults) throws -> String {
        let schema = try plugin.settings()
        guard Schema.object(schema).hasSecret else { return text }
        let out = JSONWriter()
        let document = try Document(text)
        document.withRoot { write($0, .object(schema), secret: false, "", out, &faults) }
        return out.text
    }

    private func write(
        _ node: JSONNode, _ schema: Schema, secret: Bool, _ pointer: String, _ out: JSONWriter, _ faults: inout Faults
    ) {
        switch (node.kind, schema) {
        case (.object, .object(let object)): write(node, object, pointer, out, &faults)
        case (.object, .union(let union)):
            let tag = node.member(named: union.tag)?.text
            guard let variant = union.variants.first(where: { $0.name == tag }) else { return out.node(node) }
            write(node, variant.object, pointer, out, &faults)
        case (.list, .list(let item, _)):
            out.openList()
            for (index, value) in node.items.enumerated() {
                out.comma()
                write(value, item, secret: secret, "\(pointer)/\(index)", out, &faults)
            }
            out.closeList()
        case (.null, _): out.null()
        default:
            guard secret else { return out.node(node) }
            let reference = node.kind == .text ? node.text : ""
            do { out.string(try secretText(reference)) } catch {
                faults.list.append(Fault(pointer: pointer, code: "secret", sentence: error.sentence))
                out.string(reference)
            }
        }
    }

    private func write(
        _ node: JSONNode, _ object: ObjectSchema, _ pointer: String, _ out: JSONWriter, _ faults: inout Faults
    ) {
        out.openObject()
        for (name, value) in node.members {
            out.key(named: name)
            if let field = object.fields.first(where: { $0.name == name }) {
                write(value, field.schema, secret: field.secret, pointer + "/" + name, out, &faults)
            } else {
                out.node(value)
            }
        }
        out.closeObject()
    }

    /// Why a secret cannot be had; it never says what was written, which may be the secret itself.
    private struct Refusal: Error { let sentence: String }

    private func secretText(_ reference: String) throws(Refusal) -> String {
        guard let colon = reference.firstIndex(of: ":") else {
            throw Refusal(sentence: "is a secret and may not be written here; " + Self.accepted)
        }
        let name = String(reference[reference.index(after: colon)...])
        switch reference[..<colon] {
        case "file": return try line(of: name.hasPrefix("/") ? name : directory + "/" + name, name, isPrivate: true)
        case "env":
            if let value = environment[name] { return try filled(value, "the variable \(name)") }
            guard insists else { return reference }
            throw Refusal(sentence: "names the variable \(name), which `lyceum serve` does not have in its environment")
        case "credential":
            guard !name.contains("/"), !name.isEmpty else {
                throw Refusal(
                    sentence: "names a credential; that is a file's name without a path, such as credential:stripe")
            }
            guard let folder = environment["CREDENTIALS_DIRECTORY"] else {
                guard insists else { return reference }
                throw Refusal(
                    sentence:
                        "names the credential \(name), but systemd gave none; the unit needs LoadCredential=\(name):/path/of/the/file"
                )
            }
            return try line(of: folder + "/" + name, name, isPrivate: false)
        default: throw Refusal(sentence: "is a secret and may not be written here; " + Self.accepted)
        }
    }

    private func line(of path: String, _ name: String, isPrivate: Bool) throws(Refusal) -> String {
        var status = stat()
        guard stat(path, &status) == 0, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            guard insists else { return "" }
            throw Refusal(
                sentence: "names the file \(name), which cannot be read: \(unreadable(path) ?? "it is not UTF-8")")
        }
        guard !isPrivate || status.st_mode & 0o007 == 0 else {
            throw Refusal(
                sentence: "names the file \(name), which everybody can read; take that away: chmod o= \(path)")
        }
        return try filled(String(text.prefix { !$0.isNewline }), "the file \(name)")
    }

    private func filled(_ value: String, _ what: String) throws(Refusal) -> String {
        guard !value.isEmpty || !insists else { throw Refusal(sentence: "names \(what), which is empty") }
        return value
    }
}
