#!/bin/sh
# Writes the Swift file that holds a record: one line of text that says what a binary was built against.
#
#   fingerprint.sh OUTPUT PACKAGE SWIFTC NAME MODULE=FILE...
#
# FILEs are relative to PACKAGE and sorted by their bytes, so the record does not depend on where the checkout lies, who
# lists the files, or the locale. It knows nothing of debug and release, which may mix.
set -eu
LC_ALL=C
export LC_ALL

output=$1
package=$2
swiftc=$3
name=$4
shift 4
cd "$package"

# Characters that separate the record's fields, or would end Swift's literal, do not belong in a version.
clean() { tr -d '"\\;=\n'; }

release=$(clean <VERSION)
compiler=$("$swiftc" --version 2>/dev/null | sed -n 's/.*\(Swift version .*\)/\1/p' | head -n 1 | clean)
if [ -z "$compiler" ]; then
    echo "fingerprint.sh: '$swiftc --version' names no Swift version, so no record can be made" >&2
    exit 1
fi

# The digest of one module: that of the list of its files, each with its own digest and its name.
digest() {
    for entry in "$@"; do
        case $entry in "$module"=*) printf '%s\n' "${entry#*=}" ;; esac
    done | sort | xargs -d '\n' sha256sum -- | sha256sum | cut -c 1-64
}

record="lyceum-record:1;release=$release;compiler=$compiler;"
for module in $(for entry in "$@"; do printf '%s\n' "${entry%%=*}"; done | sort -u); do
    record="$record$module=$(digest "$@");"
done
record="${record}end"

cat >"$output.new" <<SWIFT
// Made by Core/Plugins/Fingerprint whenever a file that it covers has changed.

/// What this build's sources and compiler were.
public enum $name {
    /// The record of the sources that the *caller* was compiled against.
    ///
    /// \`@export(implementation)\` leaves no symbol here: every binary that calls this keeps a copy of the text in its own
    /// read-only data, where it can be read without running any of that binary's code. Call it without an argument. The
    /// text is a default argument, because the compiler recompiles callers when a declaration has changed, and not when
    /// only a body has.
    @export(implementation) public static func compiledAgainst(
        _ record: StaticString = "$record"
    ) -> StaticString {
        record
    }

    /// The record of the sources that *this library* was compiled from, whoever asks.
    ///
    /// \`@export(interface)\` keeps the optimiser from copying it into the caller.
    @export(interface) public static func compiledFrom() -> StaticString {
        "$record"
    }
}
SWIFT
mv -f "$output.new" "$output"
