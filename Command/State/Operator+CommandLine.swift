internal import Foundation
internal import Kernel

extension Operator {
    /// Whoever types the command, by the name that the machine knows; the launcher and sudo, which become somebody else, say it.
    static var atCommandLine: Operator {
        Operator(
            name: Site.environment("LYCEUM_OPERATOR") ?? Site.environment("SUDO_USER") ?? NSUserName(), means: .command)
    }
}
