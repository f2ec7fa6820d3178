import CFastCGI
import Glibc
import Testing

/// The fields of FCGX_Request that are set and read here are public but no promised interface of libfcgi's.
@Suite("libfcgi") struct LibraryTests {
    @Test("the fields that are used lie where the shim was built for") func offsets() {
        #expect(MemoryLayout<FCGX_Request>.offset(of: \.requestId) == 0)
        #expect(MemoryLayout<FCGX_Request>.offset(of: \.in) == 8)
        #expect(MemoryLayout<FCGX_Request>.offset(of: \.out) == 16)
        #expect(MemoryLayout<FCGX_Request>.offset(of: \.envp) == 32)
        #expect(MemoryLayout<FCGX_Request>.offset(of: \.ipcFd) == 48)
        #expect(MemoryLayout<FCGX_Request>.offset(of: \.keepConnection) == 56)
        #expect(MemoryLayout<FCGX_Request>.offset(of: \.listen_sock) == 72)
        #expect(MemoryLayout<FCGX_Request>.offset(of: \.detached) == 76)
        #expect(MemoryLayout<FCGX_Request>.size == 80)
    }

    @Test("a request takes its connection from ipcFd and leaves it open there") func keepsConnection() throws {
        #expect(lyceum_fcgi_start() == 0)
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let client = FastCGIClient(socket: ends[0])
        let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
        defer { request.deallocate() }
        #expect(FCGX_InitRequest(request, -1, 0) == 0)
        for round in 1...3 {
            try client.send(FastCGIClient.request("/round", headers: [("ROUND", "\(round)")], body: [1, 2, 3]))
            request.pointee.ipcFd = ends[1]
            request.pointee.keepConnection = 1
            request.pointee.listen_sock = -1
            request.pointee.detached = 1
            #expect(FCGX_Accept_r(request) == 0)
            #expect(request.pointee.ipcFd == ends[1])
            #expect(request.pointee.keepConnection != 0)
            #expect(request.pointee.requestId == 1)
            let value = FCGX_GetParam("ROUND", request.pointee.envp).map { String(cString: $0) }
            #expect(value == "\(round)")
            var body = [CChar](repeating: 0, count: 10)
            #expect(FCGX_GetStr(&body, 10, request.pointee.in) == 3)
            #expect(FCGX_GetError(request.pointee.in) == 0)
            #expect(FCGX_PutStr("hello", 5, request.pointee.out) == 5)
            FCGX_Finish_r(request)
            #expect(request.pointee.in == nil)
            #expect(request.pointee.ipcFd == ends[1])
            #expect(try client.answer().text == "hello")
        }
        // A dead peer is an error, not a wait for another one.
        client.hangUp()
        request.pointee.listen_sock = -1
        request.pointee.detached = 1
        #expect(FCGX_Accept_r(request) == -EBADF)
        #expect(request.pointee.ipcFd < 0)
        #expect(fcntl(ends[1], F_GETFD) == -1)
    }

    @Test("its signal handlers are undone") func signals() {
        #expect(lyceum_fcgi_start() == 0)
        var action = sigaction()
        sigaction(SIGTERM, nil, &action)
        #expect(action.__sigaction_handler.sa_handler == nil)
        sigaction(SIGUSR1, nil, &action)
        #expect(action.__sigaction_handler.sa_handler == nil)
    }
}
