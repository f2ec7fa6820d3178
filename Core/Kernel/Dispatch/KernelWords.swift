/// The words of the kernel's own pages.
enum KernelWords {
    static let all: [(locale: String, words: [String: String])] = [
        (
            "en",
            [
                "lyceum.admin.title": "Administration", "lyceum.skip": "Skip to the content",
                "lyceum.navigation": "Main", "lyceum.sign_in": "Sign in",
                "lyceum.sign_out": "Sign out", "lyceum.footer": "Runs on Lyceum",
                "lyceum.error.home": "Back to the start", "lyceum.error.request": "Request {id}",
                "lyceum.regions.title": "Regions",
                "lyceum.regions.lead": "One installation, several places. Each has its own people, data and plugins.",
                "lyceum.regions.none": "No region is configured yet.",
            ]
        ),
        (
            "de",
            [
                "lyceum.admin.title": "Verwaltung", "lyceum.skip": "Zum Inhalt", "lyceum.navigation": "Hauptmenü",
                "lyceum.sign_in": "Anmelden",
                "lyceum.sign_out": "Abmelden", "lyceum.footer": "Läuft mit Lyceum",
                "lyceum.error.home": "Zurück zum Anfang", "lyceum.error.request": "Anfrage {id}",
                "lyceum.regions.title": "Regionen",
                "lyceum.regions.lead":
                    "Eine Installation, mehrere Orte. Jeder hat eigene Leute, Daten und Erweiterungen.",
                "lyceum.regions.none": "Noch ist keine Region eingerichtet.",
            ]
        ),
        (
            "fr",
            [
                "lyceum.admin.title": "Administration", "lyceum.skip": "Aller au contenu",
                "lyceum.navigation": "Menu principal",
                "lyceum.sign_in": "Se connecter", "lyceum.sign_out": "Se déconnecter",
                "lyceum.footer": "Fonctionne avec Lyceum", "lyceum.error.home": "Retour à l’accueil",
                "lyceum.error.request": "Requête {id}", "lyceum.regions.title": "Régions",
                "lyceum.regions.lead":
                    "Une installation, plusieurs lieux. Chacun a ses membres, ses données et ses modules.",
                "lyceum.regions.none": "Aucune région n’est encore configurée.",
            ]
        ),
        (
            "es",
            [
                "lyceum.admin.title": "Administración", "lyceum.skip": "Ir al contenido",
                "lyceum.navigation": "Menú principal",
                "lyceum.sign_in": "Iniciar sesión", "lyceum.sign_out": "Cerrar sesión",
                "lyceum.footer": "Funciona con Lyceum", "lyceum.error.home": "Volver al inicio",
                "lyceum.error.request": "Solicitud {id}", "lyceum.regions.title": "Regiones",
                "lyceum.regions.lead":
                    "Una instalación, varios lugares. Cada uno tiene su gente, sus datos y sus módulos.",
                "lyceum.regions.none": "Aún no hay ninguna región configurada.",
            ]
        ),
        (
            "ar",
            [
                "lyceum.admin.title": "الإدارة", "lyceum.skip": "انتقل إلى المحتوى",
                "lyceum.navigation": "القائمة الرئيسية",
                "lyceum.sign_in": "تسجيل الدخول", "lyceum.sign_out": "تسجيل الخروج",
                "lyceum.footer": "يعمل بنظام Lyceum", "lyceum.error.home": "العودة إلى البداية",
                "lyceum.error.request": "الطلب {id}", "lyceum.regions.title": "المناطق",
                "lyceum.regions.lead": "تثبيت واحد وأماكن عدة، لكل منها أهلها وبياناتها وإضافاتها.",
                "lyceum.regions.none": "لم تُهيأ أي منطقة بعد.",
            ]
        ),
    ]
}
