/// What pages say of the kernel's own problems in languages other than that in which the problems are written.
///
/// The keys are the problems' codes.
enum ProblemWords {
    static let all: [(locale: String, words: [String: String])] = [("de", german), ("ar", arabic)]

    static let german = [
        "lyceum.problem.unauthenticated": "Du bist nicht angemeldet.",
        "lyceum.problem.unauthenticated.detail": "Melde dich an.",
        "lyceum.problem.forbidden": "Das darfst du nicht.",
        "lyceum.problem.insufficient_scope": "Dieser Zugangsschlüssel ist dafür nicht gedacht.",
        "lyceum.problem.insufficient_scope.detail": "Ihm fehlt {scope}.",
        "lyceum.problem.not_found": "Hier ist nichts.",
        "lyceum.problem.unknown_region": "Diese Region gibt es nicht.",
        "lyceum.problem.unknown_region.detail": "Keine Region dieser Installation heißt „{name}“.",
        "lyceum.problem.not_possible": "Das geht nicht, oder nicht mehr.",
        "lyceum.problem.foreign_form": "Dieses Formular gilt nicht mehr.",
        "lyceum.problem.foreign_form.detail": "Lade die Seite neu, auf der es stand, und sende es noch einmal.",
        "lyceum.problem.database_unavailable": "Die Datenbank antwortet gerade nicht.",
        "lyceum.problem.database_unavailable.detail": "Nichts wurde geändert. Versuche es gleich noch einmal.",
        "lyceum.problem.database_unavailable.detail.lost":
            "Was du gesendet hast, kann gewirkt haben oder nicht. Sieh gleich nach, bevor du es noch einmal sendest.",
        "lyceum.problem.busy": "Gerade ist zu viel los.",
        "lyceum.problem.busy.detail": "Nichts wurde geändert. Versuche es gleich noch einmal.",
        "lyceum.problem.region_busy": "Hier ist gerade zu viel los.",
        "lyceum.problem.region_busy.detail": "Nichts wurde geändert. Versuche es gleich noch einmal.",
        "lyceum.problem.request_timeout": "Das hat zu lange gedauert.",
        "lyceum.problem.request_timeout.detail":
            "Es wurde nach {milliseconds} ms abgebrochen ({limit}). Sieh gleich nach, bevor du es noch einmal versuchst.",
        "lyceum.problem.hook_timeout": "Das hat zu lange gedauert.",
        "lyceum.problem.hook_timeout.detail":
            "Es wurde nach {milliseconds} ms abgebrochen ({limit}). Sieh gleich nach, bevor du es noch einmal versuchst.",
        "lyceum.problem.statement_timeout": "Das hat zu lange gedauert.",
        "lyceum.problem.statement_timeout.detail":
            "Es wurde nach {milliseconds} ms abgebrochen ({limit}). Sieh gleich nach, bevor du es noch einmal versuchst.",
        "lyceum.problem.response_too_large": "Die Antwort ist zu groß.",
        "lyceum.problem.response_too_large.detail":
            "Sie hätte mehr als {limit} Bytes (limits.responseBytes). Frage nach weniger auf einmal.",
        "lyceum.problem.draining": "Hier wird nichts Neues mehr angenommen.",
        "lyceum.problem.draining.detail": "Was bisher vereinbart ist, bleibt bestehen.",
        "lyceum.problem.process_ended": "Bei uns ist etwas schiefgegangen.",
        "lyceum.problem.process_ended.detail":
            "Es ist unter der Nummer dieser Anfrage aufgeschrieben und wird nicht noch einmal versucht.",
        "lyceum.problem.internal": "Bei uns ist etwas schiefgegangen.",
        "lyceum.problem.internal.detail": "Es ist unter der Nummer dieser Anfrage aufgeschrieben.",
        "lyceum.problem.body_too_large": "Das ist zu groß.",
        "lyceum.problem.body_too_large.detail": "Höchstens {limit} Bytes werden hier angenommen.",
        "lyceum.problem.incomplete": "Was gesendet wurde, ist nicht so lang wie angekündigt.",
        "lyceum.problem.unsupported_media_type": "Diese Art von Daten wird hier nicht gelesen.",
        "lyceum.problem.unsupported_media_type.detail": "Sende {accepted}, und sage das in Content-Type.",
        "lyceum.problem.method_not_allowed": "Diese Adresse antwortet nicht auf diese Methode.",
        "lyceum.problem.method_not_allowed.detail": "Sie antwortet auf {allow}.",
        "lyceum.problem.precondition_failed": "Inzwischen hat das jemand anders geändert.",
        "lyceum.problem.precondition_failed.detail":
            "Es hat jetzt die Fassung {version}. Sieh sie dir an, und ändere dann diese.",
        "lyceum.problem.precondition_required": "Es fehlt, welche Fassung geändert werden soll.",
        "lyceum.problem.precondition_required.detail": "Sende in If-Match das ETag dessen, was du gesehen hast.",
        "lyceum.problem.rate_limited": "Danach wurde zu oft gefragt.",
        "lyceum.problem.rate_limited.detail": "Versuche es in {seconds} s noch einmal.",
        "lyceum.problem.malformed": "Die Anfrage ist nicht zu lesen.",
        "lyceum.problem.invalid": "Etwas von dem, was gesendet wurde, stimmt nicht.",
    ]
}
