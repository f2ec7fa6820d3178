/// A text as a terminal may show it: whatever would command the terminal, or turn the order of what is read, is written out.
///
/// What people entered is printed too, names for instance; without this a name could clear the screen of the operator who lists
/// it, or look like another one. Control characters, marks that change the direction of writing, separators of lines, and the
/// invisible become `\u{1b}`; `lines` leaves line breaks as they are, for texts of several lines.
func printable(_ text: String, lines: Bool = false) -> String {
    guard text.unicodeScalars.contains(where: { isUnprintable($0) }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        if isUnprintable(scalar), !(lines && scalar == "\n") {
            result += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// JSON as a terminal may show it: the same characters, which occur only inside its texts, as `\u001b`.
func printable(json text: String) -> String {
    guard text.unicodeScalars.contains(where: { isUnprintable($0) && $0 != "\n" }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        guard isUnprintable(scalar), scalar != "\n" else {
            result.unicodeScalars.append(scalar)
            continue
        }
        for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
    return result
}

private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
    // Joiners belong to how some scripts and pictures are written; every other invisible mark only misleads.
    case .format: scalar != "\u{200C}" && scalar != "\u{200D}"
    default: false
    }
}
