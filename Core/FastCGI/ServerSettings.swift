/// How a ``Server`` listens, how much it takes and how it ends.
public struct ServerSettings: Sendable {
    /// The queue through which a draining process passes its kept connections to its successors.
    ///
    /// Both are ends of one `SOCK_SEQPACKET` pair, which the supervisor makes and keeps open: every process reads one
    /// end and writes the other.
    public struct HandOver: Sendable, Equatable {
        /// The end to take connections from.
        public var receive: Int32
        /// The end to give connections to.
        public var send: Int32

        /// The queue's two ends.
        public init(receive: Int32, send: Int32) {
            self.receive = receive
            self.send = send
        }
    }

    /// The listening socket, shared with other processes or not.
    ///
    /// 0 is where spawn-fcgi and the supervisor put it.
    public var listener: Int32 = 0

    /// Where to pass kept connections at SIGTERM; nil when there never is a successor.
    public var handOver: HandOver?

    /// Threads, each with a lane that answers one request at a time.
    ///
    /// More than there are database connections, and more than requests a second times the share of them that sleep
    /// times the seconds they sleep. A thread costs about 53 kB.
    public var threads = 16

    /// The most bytes of a body that are ever taken into memory, whatever a lane asks for.
    public var bodyLimit = 16 << 20

    /// How long a drain or a full stop may last before ``Server/run(makeLane:)`` returns with requests in flight.
    public var drainDeadline = Duration.seconds(30)

    /// How long a peer may keep a thread waiting in the middle of a request, in reading as in writing.
    public var peerTimeout = Duration.seconds(60)

    /// Whether SIGTERM drains, SIGINT stops, and SIGHUP is ignored.
    ///
    /// False: only ``Server/stop(_:)`` ends the server.
    public var takesSignals = true

    /// Whether a full stop shuts the listening socket down, for every process that shares it.
    ///
    /// Where a supervisor does so, false.
    public var shutsListener = false

    /// The writing end of a pipe whose reader is the supervisor; nil without one.
    ///
    /// When the reader is gone no successor will come: the server stops as by SIGINT, and shuts the listening socket
    /// down, so that a new supervisor finds the socket's path free; not an inherited one (``isInherited``).
    public var lifeline: Int32?

    /// Whether the listening socket is held by somebody who will hand it to the next server, such as systemd.
    ///
    /// Then it is never shut down, whatever ``shutsListener`` says: `shutdown` acts on the socket itself, which would
    /// refuse connections for ever. What arrives after the stop waits for the next server.
    public var isInherited = false

    /// Called once when all threads wait for requests, on one of them.
    public var ready: @Sendable () -> Void = {}

    /// Takes a sentence about something an operator should know; may be called on any thread.
    public var log: @Sendable (String) -> Void = { _ in }

    /// The defaults: descriptor 0, 16 threads, no successor.
    public init() {}
}
