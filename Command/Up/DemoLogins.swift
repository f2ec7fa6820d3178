/// The people of the example data, for whoever just started the platform.
enum DemoLogins {
    static let all = [
        "ada@example.org    learns", "grace@example.org  teaches", "radia@example.org  runs the place",
        "all with the password lyceum-demo",
    ]
}
