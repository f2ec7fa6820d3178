/// The words of the page about a region's API.
///
/// What operations and fields are for is said in English, as in the document.
enum APIWords {
    static let all: [(locale: String, words: [String: String])] = [
        (
            "en",
            [
                "lyceum.api.title": "API", "lyceum.api.lead": "What programs can do here.",
                "lyceum.api.security": "Who asks",
                "lyceum.api.security.text":
                    "Send a token with each request; signing in through the API answers one. Cookies mean nothing here.",
                "lyceum.api.access.public": "For everybody.",
                "lyceum.api.access.authenticated": "For everybody who is signed in.",
                "lyceum.api.access.permission": "Needs the permission {permission}.",
                "lyceum.api.limit.user": "At most {requests} requests in {seconds} s for each person.",
                "lyceum.api.limit.address": "At most {requests} requests in {seconds} s for each address.",
                "lyceum.api.parameters": "Parameters", "lyceum.api.body": "Body", "lyceum.api.answer": "Answer",
                "lyceum.api.example": "Example", "lyceum.api.required": "required", "lyceum.api.none": "None.",
                "lyceum.api.types": "Types", "lyceum.api.problems": "Refusals",
                "lyceum.api.problems.text":
                    "Whatever is not done is answered with application/problem+json (RFC 9457); code is for programs.",
                "lyceum.api.if_match": "The ETag of what is to be changed.",
                "lyceum.api.if_none_match": "The ETag of what is known already: 304 while it is still the same.",
                "lyceum.api.key": "Of your own choice: sent again with the same key, a request happens once.",
            ]
        ),
        (
            "de",
            [
                "lyceum.api.title": "API", "lyceum.api.lead": "Was Programme hier tun können.",
                "lyceum.api.security": "Wer fragt",
                "lyceum.api.security.text":
                    "Sende mit jeder Anfrage ein Token; die Anmeldung über die API antwortet mit einem. Cookies gelten hier nicht.",
                "lyceum.api.access.public": "Für alle.",
                "lyceum.api.access.authenticated": "Für alle, die angemeldet sind.",
                "lyceum.api.access.permission": "Braucht die Berechtigung {permission}.",
                "lyceum.api.limit.user": "Höchstens {requests} Anfragen in {seconds} s je Person.",
                "lyceum.api.limit.address": "Höchstens {requests} Anfragen in {seconds} s je Adresse.",
                "lyceum.api.parameters": "Parameter", "lyceum.api.body": "Inhalt", "lyceum.api.answer": "Antwort",
                "lyceum.api.example": "Beispiel", "lyceum.api.required": "nötig", "lyceum.api.none": "Keine.",
                "lyceum.api.types": "Typen", "lyceum.api.problems": "Ablehnungen",
                "lyceum.api.problems.text":
                    "Was nicht getan wird, wird mit application/problem+json (RFC 9457) beantwortet; code ist für Programme.",
                "lyceum.api.if_match": "Das ETag dessen, was geändert werden soll.",
                "lyceum.api.if_none_match": "Das ETag dessen, was schon bekannt ist: 304, solange es noch gilt.",
                "lyceum.api.key":
                    "Selbst gewählt: Mit demselben Schlüssel noch einmal gesendet, geschieht eine Anfrage nur einmal.",
            ]
        ),
        (
            "fr",
            [
                "lyceum.api.title": "API", "lyceum.api.lead": "Ce que les programmes peuvent faire ici.",
                "lyceum.api.security": "Qui demande",
                "lyceum.api.security.text":
                    "Envoyez un jeton avec chaque requête ; la connexion par l’API en donne un. Les cookies ne comptent pas ici.",
                "lyceum.api.access.public": "Pour tout le monde.",
                "lyceum.api.access.authenticated": "Pour toute personne connectée.",
                "lyceum.api.access.permission": "Demande l’autorisation {permission}.",
                "lyceum.api.limit.user": "Au plus {requests} requêtes en {seconds} s par personne.",
                "lyceum.api.limit.address": "Au plus {requests} requêtes en {seconds} s par adresse.",
                "lyceum.api.parameters": "Paramètres", "lyceum.api.body": "Corps", "lyceum.api.answer": "Réponse",
                "lyceum.api.example": "Exemple", "lyceum.api.required": "obligatoire", "lyceum.api.none": "Aucun.",
                "lyceum.api.types": "Types", "lyceum.api.problems": "Refus",
                "lyceum.api.problems.text":
                    "Ce qui n’est pas fait reçoit application/problem+json (RFC 9457) ; code est pour les programmes.",
                "lyceum.api.if_match": "L’ETag de ce qui doit changer.",
                "lyceum.api.if_none_match": "L’ETag de ce qui est déjà connu : 304 tant que rien n’a changé.",
                "lyceum.api.key": "De votre choix : renvoyée avec la même clé, une requête n’a lieu qu’une fois.",
            ]
        ),
        (
            "es",
            [
                "lyceum.api.title": "API", "lyceum.api.lead": "Lo que los programas pueden hacer aquí.",
                "lyceum.api.security": "Quién pregunta",
                "lyceum.api.security.text":
                    "Envía un token con cada solicitud; iniciar sesión por la API da uno. Las cookies no cuentan aquí.",
                "lyceum.api.access.public": "Para todos.",
                "lyceum.api.access.authenticated": "Para quien haya iniciado sesión.",
                "lyceum.api.access.permission": "Requiere el permiso {permission}.",
                "lyceum.api.limit.user": "Como máximo {requests} solicitudes en {seconds} s por persona.",
                "lyceum.api.limit.address": "Como máximo {requests} solicitudes en {seconds} s por dirección.",
                "lyceum.api.parameters": "Parámetros", "lyceum.api.body": "Cuerpo", "lyceum.api.answer": "Respuesta",
                "lyceum.api.example": "Ejemplo", "lyceum.api.required": "obligatorio", "lyceum.api.none": "Ninguno.",
                "lyceum.api.types": "Tipos", "lyceum.api.problems": "Rechazos",
                "lyceum.api.problems.text":
                    "Lo que no se hace se responde con application/problem+json (RFC 9457); code es para programas.",
                "lyceum.api.if_match": "El ETag de lo que se va a cambiar.",
                "lyceum.api.if_none_match": "El ETag de lo que ya se conoce: 304 mientras siga igual.",
                "lyceum.api.key":
                    "A tu elección: enviada otra vez con la misma clave, una solicitud ocurre una sola vez.",
            ]
        ),
        (
            "ar",
            [
                "lyceum.api.title": "واجهة البرمجة", "lyceum.api.lead": "ما يمكن للبرامج فعله هنا.",
                "lyceum.api.security": "من يسأل",
                "lyceum.api.security.text":
                    "أرسل رمزًا مع كل طلب؛ تسجيل الدخول عبر الواجهة يعطيك واحدًا. لا قيمة لملفات تعريف الارتباط هنا.",
                "lyceum.api.access.public": "للجميع.",
                "lyceum.api.access.authenticated": "لكل من سجّل الدخول.",
                "lyceum.api.access.permission": "يتطلب الإذن {permission}.",
                "lyceum.api.limit.user": "{requests} طلبات على الأكثر خلال {seconds} ثانية لكل شخص.",
                "lyceum.api.limit.address": "{requests} طلبات على الأكثر خلال {seconds} ثانية لكل عنوان.",
                "lyceum.api.parameters": "المعاملات", "lyceum.api.body": "المحتوى", "lyceum.api.answer": "الجواب",
                "lyceum.api.example": "مثال", "lyceum.api.required": "مطلوب", "lyceum.api.none": "لا شيء.",
                "lyceum.api.types": "الأنواع", "lyceum.api.problems": "حالات الرفض",
                "lyceum.api.problems.text":
                    "ما لا يُنفَّذ يُجاب عنه بصيغة application/problem+json (RFC 9457)؛ وcode للبرامج.",
                "lyceum.api.if_match": "وسم ETag لما يُراد تغييره.",
                "lyceum.api.if_none_match": "وسم ETag لما هو معروف: 304 ما دام على حاله.",
                "lyceum.api.key": "من اختيارك: الطلب المرسل ثانيةً بالمفتاح نفسه يحدث مرة واحدة.",
            ]
        ),
    ]
}
