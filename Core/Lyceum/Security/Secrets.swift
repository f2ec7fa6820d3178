internal import CSodium
internal import Glibc

/// The few pieces of cryptography that plugins need, all of them libsodium's.
public enum Secrets {
    /// Makes a token of 256 random bits, as 43 characters of base64url.
    public static func token() -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        prepare()
        randombytes_buf(&bytes, bytes.count)
        return base64(bytes)
    }

    /// SHA-256 of bytes, 32 bytes.
    package static func fingerprint(_ bytes: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        _ = crypto_hash_sha256(&hash, bytes, UInt64(bytes.count))
        return hash
    }

    /// SHA-256 of a text, 32 bytes: how tokens are stored.
    ///
    /// Tokens are random, so no salt is needed.
    public static func fingerprint(_ text: String) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        var text = text
        text.withUTF8 { _ = crypto_hash_sha256(&hash, $0.baseAddress, UInt64($0.count)) }
        return hash
    }

    /// A second secret derived from a token (HMAC-SHA-512/256), as base64url; `purpose` keeps derivations apart.
    public static func derive(_ token: String, for purpose: String) -> String {
        var hash = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha512256_BYTES))
        var purpose = purpose
        let key = fingerprint(token)
        purpose.withUTF8 { _ = crypto_auth_hmacsha512256(&hash, $0.baseAddress, UInt64($0.count), key) }
        return base64(hash)
    }

    /// SHA-256 of several texts, told apart by their lengths.
    package static func digest(_ parts: [UnsafeBufferPointer<UInt8>]) -> [UInt8] {
        var state = crypto_hash_sha256_state()
        crypto_hash_sha256_init(&state)
        for part in parts {
            var length = UInt64(part.count).littleEndian
            withUnsafeBytes(of: &length) { bytes in
                _ = crypto_hash_sha256_update(&state, bytes.bindMemory(to: UInt8.self).baseAddress, 8)
            }
            crypto_hash_sha256_update(&state, part.baseAddress, UInt64(part.count))
        }
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256_final(&state, &hash)
        return hash
    }

    /// Encrypts with a key of 32 bytes (XSalsa20-Poly1305), so that only who has it can read or change it.
    package static func seal(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        prepare()
        var nonce = [UInt8](repeating: 0, count: Int(crypto_secretbox_NONCEBYTES))
        randombytes_buf(&nonce, nonce.count)
        var box = [UInt8](repeating: 0, count: bytes.count + Int(crypto_secretbox_MACBYTES))
        crypto_secretbox_easy(&box, bytes, UInt64(bytes.count), nonce, key)
        return nonce + box
    }

    /// What was sealed with that key; nil when it was not.
    package static func open(_ sealed: [UInt8], key: [UInt8]) -> [UInt8]? {
        let (nonce, mac) = (Int(crypto_secretbox_NONCEBYTES), Int(crypto_secretbox_MACBYTES))
        guard sealed.count >= nonce + mac else { return nil }
        let box = Array(sealed[nonce...])
        var bytes = [UInt8](repeating: 0, count: box.count - mac)
        guard crypto_secretbox_open_easy(&bytes, box, UInt64(box.count), Array(sealed[..<nonce]), key) == 0 else {
            return nil
        }
        return bytes
    }

    /// Whether two texts are equal, in time that does not depend on where they differ.
    public static func equal(_ one: String, _ other: String) -> Bool {
        let (one, other) = (fingerprint(one), fingerprint(other))
        return sodium_memcmp(one, other, one.count) == 0
    }

    /// Hashes a password with Argon2id (RFC 9106), 19 MiB and two passes as OWASP's cheat sheet advises; the answer carries
    /// its own salt and costs.
    ///
    /// At most two are made at a time in a process: each takes a core and memory, of which a flood of sign-ins must not
    /// take all. Others wait a second for their turn.
    ///
    /// - Throws: a `Problem`, 503 `busy`, when no turn came in time, or memory is short.
    public static func hash(password: String) throws -> String {
        prepare()
        var out = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let result = try turns.take {
            password.withCString { crypto_pwhash_str(&out, $0, UInt64(strlen($0)), 2, 19 << 20) }
        }
        guard result == 0 else { throw Problem.busy }
        return text(out)
    }

    /// Whether a password is the one that was hashed; it takes a turn as ``hash(password:)`` does.
    ///
    /// - Throws: a `Problem`, 503 `busy`, when no turn came in time.
    public static func verify(password: String, against hash: String) throws -> Bool {
        prepare()
        return try turns.take {
            password.withCString { crypto_pwhash_str_verify(hash, $0, UInt64(strlen($0))) } == 0
        }
    }

    private static let turns = HashingTurns(2, patience: 1_000)

    /// sodium_init may be called by several threads, any number of times.
    private static func prepare() { _ = sodium_init() }

    private static func base64(_ bytes: [UInt8]) -> String {
        let length = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_URLSAFE_NO_PADDING)
        var out = [CChar](repeating: 0, count: length)
        sodium_bin2base64(&out, length, bytes, bytes.count, sodium_base64_VARIANT_URLSAFE_NO_PADDING)
        return text(out)
    }

    /// The text before the terminating zero.
    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
