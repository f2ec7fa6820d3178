internal import Foundation
internal import Kernel

extension Operator {
    /// Whoever types the command, by the name that the machine knows.
    static var atCommandLine: Operator { Operator(name: NSUserName(), means: .command) }
}
