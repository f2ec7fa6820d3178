#define _GNU_SOURCE
#include "CFastCGI.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// ---- One request

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int started;

static void start(void) {
    struct sigaction term, user;
    sigaction(SIGTERM, NULL, &term);
    sigaction(SIGUSR1, NULL, &user);
    started = FCGX_Init();
    sigaction(SIGTERM, &term, NULL);
    sigaction(SIGUSR1, &user, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int lyceum_fcgi_start(void) {
    pthread_once(&once, start);
    return started;
}

lyceum_exchange *lyceum_exchange_make(long limit) {
    lyceum_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) return NULL;
    FCGX_InitRequest(&exchange->request, -1, 0);
    exchange->limit = limit;
    return exchange;
}

void lyceum_exchange_free(lyceum_exchange *exchange) { free(exchange); }

bool lyceum_exchange_begin(lyceum_exchange *exchange, int connection) {
    FCGX_Request *request = &exchange->request;
    exchange->received = 0;
    exchange->drained = false;
    request->ipcFd = connection;
    request->keepConnection = 1;  // else the FCGX_Finish_r inside FCGX_Accept_r closes it
    request->listen_sock = -1;    // a dead peer is an error (EBADF) then, not a blocking accept of another one
    request->detached = 1;        // a close without libfcgi's two seconds of waiting for the peer to close first
    if (FCGX_Accept_r(request) != 0) return false;
    // libfcgi takes parameters that broke off between two of them for whole.
    if (FCGX_GetError(request->in) == 0) return true;
    FCGX_Free(request, 1);
    return false;
}

long lyceum_exchange_read(lyceum_exchange *exchange, void *bytes, long count) {
    long got = 0;
    while (got < count) {
        long rest = count - got;
        int some = FCGX_GetStr((char *)bytes + got, rest > (1 << 30) ? 1 << 30 : (int)rest, exchange->request.in);
        if (some <= 0) {
            exchange->drained = true;
            break;
        }
        got += some;
    }
    exchange->received += got;
    return got;
}

long lyceum_exchange_part(lyceum_exchange *exchange, const unsigned char **bytes) {
    FCGX_Stream *in = exchange->request.in;  // what FCGX_GetStr does, short of the copy
    while (in->rdNext == in->stop && !in->isClosed) in->fillBuffProc(in);
    *bytes = in->rdNext;
    if (in->isClosed) {
        exchange->drained = true;
        return 0;
    }
    long count = in->stop - in->rdNext;
    in->rdNext = in->stopUnget = in->stop;
    exchange->received += count;
    return count;
}

bool lyceum_exchange_broken(const lyceum_exchange *exchange) { return FCGX_GetError(exchange->request.in) != 0; }

void lyceum_exchange_drain(lyceum_exchange *exchange) {
    if (exchange->drained) return;
    const unsigned char *ignored;
    while (lyceum_exchange_part(exchange, &ignored) > 0) {}
}

bool lyceum_exchange_write(lyceum_exchange *exchange, const void *bytes, size_t count) {
    lyceum_exchange_drain(exchange);
    const char *next = bytes;
    while (count > 0) {
        int some = count > (1 << 30) ? 1 << 30 : (int)count;
        if (FCGX_PutStr(next, some, exchange->request.out) != some) return false;
        next += some;
        count -= (size_t)some;
    }
    return FCGX_GetError(exchange->request.out) == 0;
}

static int end_last(FCGX_Request *request) {
    unsigned char high = (unsigned char)(request->requestId >> 8), low = (unsigned char)request->requestId;
    unsigned char records[40] = {
        1, 6,  high, low, 0, 0, 0, 0,                          // the end of stdout
        1, 3,  high, low, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // END_REQUEST
        1, 11, 0,    0,   0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // UNKNOWN_TYPE: the record too many
    };
    int connection = request->ipcFd;
    bool broken = FCGX_FFlush(request->out) < 0 || FCGX_GetError(request->in) ||
                  send(connection, records, sizeof records, MSG_NOSIGNAL) != sizeof records;
    FCGX_Free(request, broken);
    return broken ? -1 : connection;
}

int lyceum_exchange_end(lyceum_exchange *exchange, bool last) {
    FCGX_Request *request = &exchange->request;
    lyceum_exchange_drain(exchange);
    int connection;
    if (!request->keepConnection) {
        // The peer expects us to close. All it sent was read, so a plain close loses nothing.
        request->keepConnection = 1;
        FCGX_Finish_r(request);
        if (request->ipcFd >= 0) close(request->ipcFd);
        connection = -1;
    } else if (last) {
        connection = end_last(request);
    } else {
        FCGX_Finish_r(request);
        connection = request->ipcFd;
    }
    request->ipcFd = -1;
    return connection;
}

int lyceum_exchange_connection(const lyceum_exchange *exchange) { return exchange->request.ipcFd; }

// ---- Waiting

static sigset_t while_waiting;

static void nothing(int signal) { (void)signal; }

static void prepare(void) {
    struct sigaction action = {.sa_handler = nothing};  // without SA_RESTART: it ends the wait
    sigaction(SIGUSR2, &action, NULL);
    sigfillset(&while_waiting);
    sigdelset(&while_waiting, SIGUSR2);
    sigdelset(&while_waiting, SIGRTMAX);  // by which valgrind ends the threads of a process that exits
}

void lyceum_wake_prepare(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
}

_Static_assert(sizeof(sigset_t) <= 128, "the callers keep 128 bytes for a sigset_t");

void lyceum_signals_block(void *saved) {
    sigset_t set;
    sigfillset(&set);
    // Faults of the thread itself keep their meaning.
    sigdelset(&set, SIGSEGV);
    sigdelset(&set, SIGBUS);
    sigdelset(&set, SIGILL);
    sigdelset(&set, SIGFPE);
    sigdelset(&set, SIGTRAP);
    sigdelset(&set, SIGABRT);
    sigdelset(&set, SIGSYS);
    pthread_sigmask(SIG_BLOCK, &set, saved);
}

void lyceum_signals_restore(const void *saved) { pthread_sigmask(SIG_SETMASK, saved, NULL); }

void lyceum_sleep(void) { ppoll(NULL, 0, NULL, &while_waiting); }

int lyceum_epoll_make(void) { return epoll_create1(EPOLL_CLOEXEC); }

int lyceum_epoll_wait(int epoll, int *ready, int milliseconds) {
    struct epoll_event event;
    int count = epoll_pwait(epoll, &event, 1, milliseconds, &while_waiting);
    if (count == 1) *ready = event.data.fd;
    return count;
}

int lyceum_epoll_listen(int epoll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = descriptor};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int lyceum_epoll_park(int epoll, int connection) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.fd = connection};
    int failed = epoll_ctl(epoll, EPOLL_CTL_MOD, connection, &event);
    if (failed && errno == ENOENT) failed = epoll_ctl(epoll, EPOLL_CTL_ADD, connection, &event);
    return failed;
}

int lyceum_epoll_forget(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL); }

int lyceum_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

void lyceum_peer_timeout(int connection, int milliseconds) {
    struct timeval time = {milliseconds / 1000, (milliseconds % 1000) * 1000L};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

bool lyceum_has_input(int connection) {
    char byte;
    return recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

bool lyceum_is_shut(int listener) {
    struct pollfd one = {.fd = listener, .events = POLLRDHUP};
    return poll(&one, 1, 0) > 0 && one.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

bool lyceum_is_listening(int descriptor) {
    int listening = 0;
    socklen_t size = sizeof listening;
    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

int lyceum_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

// ---- Handing connections over

int lyceum_give(int channel, int connection, int milliseconds) {
    int64_t until = lyceum_now() + milliseconds;
    char byte = 0;
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &connection, sizeof connection);
    for (;;) {
        if (sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1) return 0;
        // ETOOMANYREFS: more descriptors are on their way than this user may have open; successors will take some.
        bool full = errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ETOOMANYREFS;
        if (!full || lyceum_now() >= until) return errno;
        usleep(1000);
    }
}

int lyceum_receive(int channel) {
    char byte;
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (got != 1 || !header || header->cmsg_type != SCM_RIGHTS) {
        errno = EPROTO;
        return -1;
    }
    int connection;
    memcpy(&connection, CMSG_DATA(header), sizeof connection);
    return connection;
}

int lyceum_lowest_free(void) {
    int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (copy < 0 && errno == EBADF) copy = epoll_create1(EPOLL_CLOEXEC);
    if (copy >= 0) close(copy);
    return copy;
}

int lyceum_descriptor_limit(int most) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    if (limit.rlim_cur > (rlim_t)most) {
        limit.rlim_cur = (rlim_t)most;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return (int)limit.rlim_cur;
}

// ---- Threads and signals

static __thread long thread_number;

long lyceum_thread(void) {
    if (!thread_number) thread_number = syscall(SYS_gettid);
    return thread_number;
}

static int signal_pipe = -1;

static void caught(int signal) {
    int kept = errno, pipe = __atomic_load_n(&signal_pipe, __ATOMIC_SEQ_CST);
    unsigned char byte = (unsigned char)signal;
    // The pipe does not block. When it is full its reader has enough to wake it, and 65536 signals in hand.
    if (pipe >= 0 && write(pipe, &byte, 1) < 0) {}
    errno = kept;
}

void lyceum_signals_to(int pipe) { __atomic_store_n(&signal_pipe, pipe, __ATOMIC_SEQ_CST); }

void lyceum_signals_leave(int pipe) {
    __atomic_compare_exchange_n(&signal_pipe, &pipe, -1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void lyceum_signal_catch(int signal) {
    struct sigaction action = {.sa_handler = caught, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(signal, &action, NULL);
    sigset_t set;  // a parent may have left it blocked
    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void lyceum_signal_ignore(int number) { signal(number, SIG_IGN); }

int lyceum_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

// ---- What threads were doing

static const int faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
static struct sigaction before[NSIG];
static uint64_t *guarded, *fatal;

static uint64_t word(const uint64_t *at) { return __atomic_load_n(at, __ATOMIC_SEQ_CST); }
static void set(uint64_t *at, uint64_t value) { __atomic_store_n(at, value, __ATOMIC_SEQ_CST); }

// Only what is safe in a signal handler. The thread is stopped in the middle of its work, so its request still is where
// its record says.
static void note(void) {
    uint64_t *board = guarded, self = (uint64_t)syscall(SYS_gettid), none = 0;
    for (uint64_t index = 0; index < word(&board[LYCEUM_BOARD_COUNT]); index++) {
        uint64_t *record = board + LYCEUM_BOARD_HEAD + index * LYCEUM_RECORD;
        if (word(&record[LYCEUM_RECORD_THREAD]) != self || !word(&record[LYCEUM_RECORD_WORK])) continue;
        // The first of several is the one that ended it.
        if (!__atomic_compare_exchange_n(&board[LYCEUM_BOARD_FATAL], &none, index + 1, false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST))
            return;
        const char *from = (const char *)(uintptr_t)word(&record[LYCEUM_RECORD_REQUEST]);
        char *to = (char *)&board[LYCEUM_BOARD_REQUEST];
        for (int at = 0; from && at < 63 && from[at]; at++) to[at] = from[at];
        return;
    }
}

// The web server may ask another process for the same: that one is to know.
static void warn(void) {
    const char *id = (const char *)&guarded[LYCEUM_BOARD_REQUEST];
    if (!fatal || !*id) return;
    uint64_t place = __atomic_fetch_add(&fatal[LYCEUM_FATAL_COUNT], 1, __ATOMIC_SEQ_CST) % LYCEUM_FATAL_KEPT;
    char *to = (char *)&fatal[LYCEUM_FATAL_IDS + place * 8];
    for (int at = 0; at < 64; at++) to[at] = id[at];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    set(&fatal[LYCEUM_FATAL_UNTIL], (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 + 60000000);
}

static void fault(int signal, siginfo_t *info, void *context) {
    (void)context;
    int kept = errno;
    note();
    if (signal == SIGABRT && word(&guarded[LYCEUM_BOARD_REPORT]) == 1) {
        set(&guarded[LYCEUM_BOARD_REPORT], 2);
        errno = kept;
        return;
    }
    warn();
    // Whoever handled it before goes on: a fault happens again on return, and what was sent is sent again.
    sigaction(signal, &before[signal], NULL);
    if (info->si_code <= 0) syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
    errno = kept;
}

void lyceum_board_guard(uint64_t *board, uint64_t *ring) {
    guarded = board;
    fatal = ring;
    struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t index = 0; index < sizeof faults / sizeof *faults; index++)
        sigaction(faults[index], &action, &before[faults[index]]);
}

void lyceum_board_stack(void) {
    size_t size = 64 << 10;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t stack = {.ss_sp = memory, .ss_size = size};
    sigaltstack(&stack, NULL);
}

int lyceum_board_signal(long thread) { return (int)syscall(SYS_tgkill, getpid(), thread, SIGABRT); }

int lyceum_memory(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int64_t lyceum_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000L + time.tv_nsec / 1000000;
}
