internal import AccountsContract
internal import ArgumentParser
internal import Foundation
internal import Kernel
internal import Lyceum

extension UserCommand {
    /// The command `lyceum user export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print all that a region holds of a person, as one JSON document.",
            discussion: """
                All plugins are asked, also disabled ones whose data is still there. What stays although the person is erased \
                is named with its reason.

                Example:
                  lyceum user export --region academy ada@example.org > ada.json
                """)

        @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
        @Argument(help: ArgumentHelp("The person's e-mail address, or the account's id.", valueName: "person"))
        var person: String
        @OptionGroup var site: Site

        func run() async throws {
            let accounts = try RegionAccounts(site, region)
            let subject = try await accounts.administer { try await $0.subject(person, $1) }
            try await accounts.records { records, transaction in
                try await records.export(of: subject, transaction) { try tell(whole: $0) }
            }
        }
    }

    /// The command `lyceum user erase`.
    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "erase", abstract: "Erase a person, for good.",
            discussion: """
                Shows what goes and what stays, with the reason, and asks; --yes answers beforehand. The account stays as an id \
                that is nobody's. Backups made before still have everything.

                Example:
                  lyceum user erase --region academy ada@example.org
                """)

        @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
        @Argument(help: ArgumentHelp("The person's e-mail address, or the account's id.", valueName: "person"))
        var person: String
        @Flag(help: "Do not ask.") var yes = false
        @OptionGroup var site: Site

        func run() async throws {
            let accounts = try RegionAccounts(site, region)
            let subject = try await accounts.administer { try await $0.subject(person, $1) }
            if !yes {
                let holdings = try await accounts.records { try await $0.holdings(of: subject, $1) }
                show(holdings, going: "goes")
                guard isatty(0) == 1 else {
                    throw ValidationError("erasing cannot be undone; add --yes to confirm it")
                }
                say("this cannot be undone; type \(person) to go on:")
                guard readLine() == person else { throw Failure("nothing was erased") }
            }
            show(try await accounts.administer { try await $0.erase(subject, $1) }, going: "went")
            tell("\(person) was erased in \(region)")
        }

        private func show(_ holdings: [PersonalHolding], going: String) {
            Table.show(
                ["what", "rows", "outcome"],
                holdings.filter { $0.rows != 0 }.map { one in
                    let outcome =
                        switch one.fate {
                        case .removed: going
                        case .anonymised: "\(going), but for what is about nobody"
                        case .kept: "stays"
                        case .unknown: "stays: the plugin is not here, so nobody knows what it has"
                        }
                    let columns =
                        one.fate == .anonymised && !one.kept.isEmpty ? "; \(one.kept.joined(separator: ", ")) stay" : ""
                    return [
                        one.table.isEmpty ? one.plugin : "\(one.plugin).\(one.table)", one.rows.map { "\($0)" } ?? "",
                        outcome + columns + (one.reason.map { ": \($0)" } ?? ""),
                    ]
                }, json: false)
        }
    }
}
