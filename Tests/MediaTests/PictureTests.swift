import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("Pictures of images")
struct PictureTests {
    /// Two times two pixels in red.
    private static let small = Data(
        base64Encoded:
            "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg=="
    )

    private func world() async throws -> (MediaWorld, String) {
        let media = try await MediaWorld(settings: #"{"imagePixels": 1000000}"#)
        return (media, try await media.person())
    }

    private func settle(_ media: MediaWorld) async throws {
        try await media.runJobs {
            try media.world.connection().number("select count(*) from media.file where pictures = 'waiting'") == 0
        }
    }

    @Test("are made small, and hold nothing but pixels")
    func made() async throws {
        let (media, token) = try await world()
        let image = Portable.jpeg(width: 800, height: 600)
        let id = try await media.upload(token, image, name: "me.jpg")
        let original = try await media.client.get("/api/media/files/\(id)/content?width=96", token: token)
        #expect(original.status == 404, "not yet")
        try await settle(media)
        let database = try media.world.connection()
        #expect(try database.number("select count(*) from media.picture") == 2)
        #expect(try database.number("select max(width) from media.picture") == 800, "never wider than the image")
        let answer = try await media.client.get("/api/media/files/\(id)/content?width=200", token: token)
        #expect(answer.header("Content-Type") == "image/webp")
        #expect(answer.header("X-Accel-Redirect")?.hasSuffix("/\(id)-320") == true)
        #expect(answer.header("Content-Disposition") == "inline; filename=\"me.jpg.webp\"")
        let picture = try Data(contentsOf: URL(filePath: media.path("files/\(id.suffix(2))/\(id)-320")))
        #expect(picture.starts(with: Array("RIFF".utf8)) && picture[8..<12] == Data("WEBP".utf8))
        let whole = try Data(contentsOf: URL(filePath: media.path("files/\(id.suffix(2))/\(id)")))
        #expect(whole.range(of: Data("Exif".utf8)) != nil && whole.range(of: Data("secret place".utf8)) != nil)
        #expect(picture.range(of: Data("secret place".utf8)) == nil)
        #expect(
            try media.stored().sorted()
                == ["", "-320", "-800"].map { "files/\(id.suffix(2))/\(id)\($0)" }, "and nothing is left beside them")
    }

    @Test("of a tiny image are one of its own size")
    func tiny() async throws {
        let (media, token) = try await world()
        let png = Array(try #require(Self.small))
        _ = try await media.upload(token, png, name: "dot.png")
        try await settle(media)
        #expect(try media.world.connection().number("select max(width) from media.picture") == 2)
    }

    @Test("are not made of a bomb, and nobody else is hurt")
    func bombs() async throws {
        let (media, token) = try await world()
        // 30,000 times 30,000 pixels, in a few bytes.
        let bomb = Portable.png(width: 30_000, height: 30_000)
        let broken = Array(Portable.jpeg(width: 800, height: 600).prefix(2_000))
        let (one, two) = (try await media.upload(token, bomb), try await media.upload(token, broken))
        try await settle(media)
        let database = try media.world.connection()
        #expect(try database.number("select count(*) from media.file where pictures = 'refused'") >= 1)
        #expect(
            try database.number("select count(*) from media.picture where file_id = \(one)::uuid") == 0)
        #expect(try database.number("select count(*) from lyceum.job where state = 'dead'") == 0)
        #expect(try await media.client.get("/api/media/files/\(two)/content", token: token).status == 200)
    }

    @Test(
        "come only of what is an image by its content",
        arguments: ["<svg xmlns='http://www.w3.org/2000/svg'/>", "<html><script>"])
    func disguise(content: String) async throws {
        let (media, token) = try await world()
        let path = try await media.begin(token, content.utf8.count, name: "photo.png")
        let answer = try await media.patch(
            path, token, at: 0, Array(content.utf8), [("Content-Type", "application/offset+octet-stream")])
        #expect(answer.status == 415 && answer.json("code") as? String == "media.type_refused", "\(answer.text)")
        #expect(try media.stored() == [])
    }
}
