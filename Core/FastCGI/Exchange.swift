import CFastCGI
import Glibc

/// A request while it is being answered, and its answer: borrowed, so that it cannot be kept.
public struct Exchange: ~Copyable {
    private let raw: UnsafeMutablePointer<lyceum_exchange>

    init(_ raw: UnsafeMutablePointer<lyceum_exchange>) { self.raw = raw }

    /// The request's parameters: C strings `NAME=VALUE`, in the order they came in, ended by nil.
    ///
    /// The memory is libfcgi's and lives until the lane's `answer` returns.
    public var environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        // Set by every request that began, and an exchange exists only for one that did.
        raw.pointee.request.envp.unsafelyUnwrapped
    }

    /// The value of a parameter, or nil; a walk through ``environment``.
    public func parameter(_ name: StaticString) -> UnsafePointer<CChar>? {
        UnsafePointer(FCGX_GetParam(UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), environment))
    }

    /// The announced length of the body in bytes; nil when none was announced.
    ///
    /// - Throws: ``BodyError/badLength``.
    public func contentLength() throws(BodyError) -> Int? {
        guard let text = parameter("CONTENT_LENGTH"), text.pointee != 0 else { return nil }
        var length = 0
        var next = text
        while next.pointee != 0 {
            guard let digit = Self.digit(next.pointee) else { throw .badLength }
            let (tens, over) = length.multipliedReportingOverflow(by: 10)
            let (sum, more) = tens.addingReportingOverflow(digit)
            if over || more { throw .badLength }
            length = sum
            next += 1
        }
        return length
    }

    private static func digit(_ character: CChar) -> Int? {
        (0x30...0x39).contains(character) ? Int(character) - 0x30 : nil
    }

    /// Takes the whole body into `bytes`, in place of what was there.
    ///
    /// The limit is the lesser of `limit` and ``ServerSettings/bodyLimit``, in bytes. It is compared with the announced
    /// length before anything is allocated.
    ///
    /// - Throws: ``BodyError``; what is left of the body is then read and forgotten before the answer goes out.
    public func readBody(into bytes: inout [UInt8], limit: Int) throws(BodyError) {
        bytes.removeAll(keepingCapacity: true)
        let limit = min(limit, raw.pointee.limit)
        let announced = try contentLength()
        if let announced {
            if announced > limit { throw .tooLarge(limit: limit) }
            bytes.reserveCapacity(announced)
        }
        var part: UnsafePointer<UInt8>?
        while case let count = lyceum_exchange_part(raw, &part), count > 0 {
            if bytes.count + count > limit { throw .tooLarge(limit: limit) }
            bytes.append(contentsOf: UnsafeBufferPointer(start: part, count: count))
        }
        if lyceum_exchange_broken(raw) || announced.map({ $0 != bytes.count }) ?? false {
            throw .incomplete(received: bytes.count)
        }
    }

    /// Reads the body piece by piece, for what cannot borrow this.
    public var reader: BodyReader { BodyReader(raw) }

    /// Takes the next part of the body, for one that is written on as it comes and never held whole; 0 at its end.
    ///
    /// Fewer bytes than fit come only at the end. The caller counts them against a limit of its own.
    ///
    /// - Throws: ``BodyError/incomplete(received:)``.
    public func readPart(into buffer: UnsafeMutableRawBufferPointer) throws(BodyError) -> Int {
        let count = lyceum_exchange_read(raw, buffer.baseAddress, buffer.count)
        if count < buffer.count, lyceum_exchange_broken(raw) { throw .incomplete(received: raw.pointee.received) }
        return count
    }

    /// Adds bytes to the answer; false once the peer is gone.
    ///
    /// The first call reads and forgets what is left of the body: nothing of it can be read afterwards.
    @discardableResult public func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        lyceum_exchange_write(raw, bytes.baseAddress, bytes.count)
    }
}
