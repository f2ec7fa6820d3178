internal import AccountsContract
internal import ArgumentParser
internal import Foundation
internal import Kernel
internal import Lyceum

/// The command `lyceum user`.
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Invite people to a region, make, list, export and erase its accounts, and give and take roles.",
        discussion: """
            Example:
              lyceum user invite --region academy --email ada@example.org --role admin
            """,
        subcommands: [Invite.self, Add.self, List.self, Grant.self, Revoke.self, SignOut.self, Export.self, Erase.self])

    /// The command `lyceum user invite`.
    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "invite", abstract: "Make a link by which somebody makes an account, once.",
            discussion: """
                Whoever opens the link chooses a name and a password, and has the roles. Send it to nobody else.

                Example:
                  lyceum user invite --region academy --email ada@example.org --role admin --address https://academy.example.org
                """)

        @OptionGroup var of: AccountChoice
        @Option(help: "A role; may be given several times.") var role: [String] = []
        @Option(help: "For how many hours the link is good, from 1 to 720.") var hours = 24
        @Option(help: ArgumentHelp("Where the region is on the web, to make a whole link.", valueName: "url"))
        var address: String?

        func validate() throws {
            guard (1...720).contains(hours) else { throw ValidationError("--hours is \(hours); it is from 1 to 720") }
            guard let address else { return }
            guard address.hasPrefix("https://") || address.hasPrefix("http://"),
                !address.contains(where: \.isWhitespace)
            else {
                throw ValidationError(
                    "--address is \(address); it is the region's, such as https://academy.example.org")
            }
        }

        func run() async throws {
            let accounts = try RegionAccounts(of.site, of.region)
            try await accounts.check(roles: role)
            let path = try await accounts.administer {
                try await $0.invite(email: of.email, roles: role, until: $1.now + .seconds(hours * 3_600), $1)
            }
            let start = address.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } ?? ""
            tell(start + path)
            tell(
                "whoever opens this \(address == nil ? "on the web site of \(of.region) " : "")within \(hours) h, once, is \(of.email)"
                    + (role.isEmpty ? "" : " and \(role.joined(separator: ", "))"))
        }
    }

    /// The command `lyceum user revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Take a role from an account; it counts from the next request on.",
            discussion: """
                Example:
                  lyceum user revoke --region academy --email ada@example.org --role instructor
                """)

        @OptionGroup var of: AccountChoice
        @Option(help: "The role.") var role: String

        func run() async throws {
            let accounts = try RegionAccounts(of.site, of.region)
            let had = try await accounts.administer { try await $0.revoke(role, from: of.email, $1) }
            tell(
                had
                    ? "\(of.email) is not \(role) in \(of.region) any more"
                    : "\(of.email) was not \(role) in \(of.region)")
        }
    }

    /// The command `lyceum user sign-out`.
    struct SignOut: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign-out", abstract: "End all sessions and access keys of an account.",
            discussion: """
                Example:
                  lyceum user sign-out --region academy --email ada@example.org
                """)

        @OptionGroup var of: AccountChoice

        func run() async throws {
            let count = try await RegionAccounts(of.site, of.region).administer { try await $0.signOut(of.email, $1) }
            tell(
                "\(of.email) had \(count) \(count == 1 ? "session or key" : "sessions and keys") in \(of.region), and has none now"
            )
        }
    }

    /// The command `lyceum user add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Make an account.",
            discussion: """
                The password is the first line of a file (- is standard input), or is asked for.

                Example:
                  lyceum user add --region academy --email ada@example.org --name Ada --role admin --password-file secret.txt
                """)

        @OptionGroup var of: AccountChoice
        @Option(help: "What the person is called. (default: the address up to its @)") var name: String?
        @Option(help: "A role; may be given several times.") var role: [String] = []
        @Option(help: ArgumentHelp("A file whose first line is the password.", valueName: "file")) var passwordFile:
            String?

        func run() async throws {
            let who = name ?? String(of.email.prefix { $0 != "@" })
            let accounts = try RegionAccounts(of.site, of.region)
            try await accounts.check(roles: role)
            // Asked for last: nobody types one in vain.
            let password = try Password.read(passwordFile)
            try await accounts.administer { administration, transaction in
                _ = try await administration.add(
                    email: of.email, name: who, password: password, roles: role, transaction)
            }
            tell("\(of.email) can sign in to \(of.region)\(role.isEmpty ? "" : " as \(role.joined(separator: ", "))")")
        }
    }

    /// The command `lyceum user list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List accounts, at most 1000.",
            discussion: """
                Example:
                  lyceum user list --region academy
                """)

        @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
        @OptionGroup var site: Site
        @OptionGroup var output: OutputChoice

        func run() async throws {
            let accounts = try await RegionAccounts(site, region).administer { try await $0.list(limit: 1_000, $1) }
            Table.show(
                ["email", "name", "roles"], accounts.map { [$0.email, $0.name, $0.roles] }, json: output.json)
        }
    }

    /// The command `lyceum user grant`.
    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "grant", abstract: "Give an account a role.",
            discussion: """
                Example:
                  lyceum user grant --region academy --email ada@example.org --role instructor
                """)

        @OptionGroup var of: AccountChoice
        @Option(help: "The role.") var role: String

        func run() async throws {
            let accounts = try RegionAccounts(of.site, of.region)
            try await accounts.check(roles: [role])
            let isNew = try await accounts.administer { try await $0.grant(role, to: of.email, $1) }
            tell(
                isNew ? "\(of.email) is \(role) in \(of.region) now" : "\(of.email) was \(role) in \(of.region) already"
            )
        }
    }
}

/// Which account a command is about.
struct AccountChoice: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
    @Option(help: "The address that the person signs in with.") var email: String
    @OptionGroup var site: Site
}

/// A password that does not stand on the command line, where every user of the machine could read it.
enum Password {
    static func read(_ file: String?) throws -> String {
        if let file, file != "-" {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw Failure(
                    "the password file \(file) cannot be read; it is a text file whose first line is the password")
            }
            return String(text.prefix { !$0.isNewline })
        }
        if file == nil, isatty(0) == 1 {
            guard let typed = getpass("Password: ") else { throw Failure("no password was given") }
            return String(cString: typed)
        }
        guard let line = readLine() else { throw Failure("no password was given on standard input") }
        return line
    }
}
