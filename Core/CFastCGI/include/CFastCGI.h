// libfcgi and the few Linux calls that Glibc's Swift module lacks, for the module FastCGI alone.
//
// _GNU_SOURCE is not defined here: in a header of a Clang module it changes glibc's own modules (fd_set) in debug
// builds. What needs it is in the .c files. Nothing here may be `static __thread`: that builds and then fails to load.
#pragma once
#include <fcgiapp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// ---- One request -------------------------------------------------------------------------------------------------

// Lives on the heap at one address, because libfcgi's streams point back at their FCGX_Request.
typedef struct lyceum_exchange {
    FCGX_Request request;
    long limit;     // bytes of body that may be taken into memory
    long received;  // bytes of body read so far
    bool drained;   // stdin was read to its end
} lyceum_exchange;

// libfcgi's own start, once per process, and its signal handlers undone: it installs one for SIGTERM that never exits.
// Answers 0 or an errno.
int lyceum_fcgi_start(void);

lyceum_exchange *lyceum_exchange_make(long limit);
void lyceum_exchange_free(lyceum_exchange *exchange);

// Reads a request from a readable connection. Answers false when the peer is gone or sent something else than a
// request; the descriptor is closed then.
bool lyceum_exchange_begin(lyceum_exchange *exchange, int connection);

// Up to `count` bytes of the body; fewer only at its end or when it broke off (see lyceum_exchange_broken).
long lyceum_exchange_read(lyceum_exchange *exchange, void *bytes, long count);

// The part of the body that has come and was not read, without a copy: its length, and where it is until the next call.
// 0 at the end of the body, or when it broke off.
long lyceum_exchange_part(lyceum_exchange *exchange, const unsigned char **bytes);

// Whether the body broke off before its end.
bool lyceum_exchange_broken(const lyceum_exchange *exchange);

// Reads the rest of the body and forgets it. What nginx has not sent yet would else be taken for the next request.
void lyceum_exchange_drain(lyceum_exchange *exchange);

// Adds to the answer. Answers false once the peer is gone.
bool lyceum_exchange_write(lyceum_exchange *exchange, const void *bytes, size_t count);

// Sends the end of the answer. Answers the descriptor when it stays open, else -1 (it is closed then).
// With `last`, one record more follows END_REQUEST in the same write: nginx takes the answer, finds bytes after it and
// closes the connection by itself, which is the only way to end one without racing with nginx's next request.
int lyceum_exchange_end(lyceum_exchange *exchange, bool last);

// The connection that this exchange reads from, or -1.
int lyceum_exchange_connection(const lyceum_exchange *exchange);

// ---- Waiting -----------------------------------------------------------------------------------------------------

// SIGUSR2 wakes a thread. It is open only while waiting, so that one that comes before the wait stays pending and ends
// it at once; system calls in the middle of a request never see it.
void lyceum_wake_prepare(void);

// Blocks, in the calling thread, every signal that could interrupt a request; threads made afterwards inherit it.
// The mask before that is kept in `saved` (128 bytes, a sigset_t).
void lyceum_signals_block(void *saved);
void lyceum_signals_restore(const void *saved);

// Waits for SIGUSR2.
void lyceum_sleep(void);

int lyceum_epoll_make(void);

// One ready descriptor: 1, with it in *ready; 0 after the time (-1: no limit); -1 when woken.
int lyceum_epoll_wait(int epoll, int *ready, int milliseconds);

// Waits for arrivals on a descriptor shared with other processes, of which only one is woken.
int lyceum_epoll_listen(int epoll, int descriptor);

// Waits for one event on a connection.
int lyceum_epoll_park(int epoll, int connection);
int lyceum_epoll_forget(int epoll, int descriptor);

// A connection of a non-blocking listener, or -1 (errno).
int lyceum_accept(int listener);

// Reading from or writing to the peer fails after this time instead of holding the thread for ever.
void lyceum_peer_timeout(int connection, int milliseconds);

// Whether bytes or the end are there to be read.
bool lyceum_has_input(int connection);
bool lyceum_is_listening(int descriptor);
// Whether a listener was shut down for reading: it stays readable for ever, and accept says EAGAIN of a unix socket.
bool lyceum_is_shut(int listener);
int lyceum_nonblocking(int descriptor);

// ---- Handing connections over ------------------------------------------------------------------------------------

// Sends a descriptor; the kernel holds a reference until it is received. Waits up to the time while the queue is full.
// Answers 0 or an errno.
int lyceum_give(int channel, int connection, int milliseconds);

// A descriptor from the queue, or -1 (errno; EAGAIN when it is empty).
int lyceum_receive(int channel);

// The lowest free descriptor number, or -1 when there is none.
int lyceum_lowest_free(void);

// The soft limit of open descriptors, lowered to `most` if it was higher.
int lyceum_descriptor_limit(int most);

// ---- Parked connections ------------------------------------------------------------------------------------------

static inline void lyceum_mark(unsigned char *table, int fd) { __atomic_store_n(&table[fd], 1, __ATOMIC_SEQ_CST); }

// True for one caller alone, if the descriptor is marked.
static inline bool lyceum_claim(unsigned char *table, int fd) {
    return __atomic_load_n(&table[fd], __ATOMIC_SEQ_CST) && __atomic_exchange_n(&table[fd], 0, __ATOMIC_SEQ_CST);
}

// ---- Threads and signals -----------------------------------------------------------------------------------------

// The kernel's number of this thread. Opaque to the compiler: glibc declares pthread_self const, so that calls of it
// are merged across an await.
long lyceum_thread(void);

// Caught signals are written to this pipe, a byte each, whichever thread they reach. One pipe per process; -1 for none.
void lyceum_signals_to(int pipe);
void lyceum_signals_leave(int pipe);
void lyceum_signal_catch(int signal);
void lyceum_signal_ignore(int signal);
int lyceum_pipe(int ends[2]);

// ---- What threads were doing when the process ended ----------------------------------------------------------------

// A board of 8-byte words, in memory that others can read when this process is gone: a head, then a record for each
// thread. Swift writes the records; all that happens in a signal handler is here.
enum {
    LYCEUM_BOARD_MAGIC = 0,      // that it is one, once it is complete
    LYCEUM_BOARD_COUNT = 1,      // how many records
    LYCEUM_BOARD_LABELS = 2,     // how many bytes of labels follow them
    LYCEUM_BOARD_FATAL = 3,      // the record of the thread that ended the process, from 1; 0: not known
    LYCEUM_BOARD_REPORT = 4,     // 1: a thread is asked for its request's id; 2: it has answered
    LYCEUM_BOARD_REQUEST = 8,    // that request's id, 64 bytes with the final zero
    LYCEUM_BOARD_HEAD = 16,

    LYCEUM_RECORD_WORK = 0,      // what it does, a number of the labels; 0: nothing
    LYCEUM_RECORD_DUE = 1,       // when it is to be done, in microseconds of the monotonic clock; 0: whenever
    LYCEUM_RECORD_SCOPE = 2,     // counts the pieces of work; that of the present one
    LYCEUM_RECORD_LAST = 3,      // and that of the latest
    LYCEUM_RECORD_REQUEST = 4,   // where this process has the request's id, a C string; 0: nowhere
    LYCEUM_RECORD_THREAD = 5,    // the kernel's number of the thread
    LYCEUM_RECORD = 8,

    // A ring of the ids of requests that ended their process, in memory that all web processes share.
    LYCEUM_FATAL_UNTIL = 0,      // until when one of them may be tried again, in microseconds of the monotonic clock
    LYCEUM_FATAL_COUNT = 1,      // how many there were
    LYCEUM_FATAL_IDS = 8,        // the latest, 64 bytes each with the final zero
    LYCEUM_FATAL_KEPT = 16,
    LYCEUM_FATAL_WORDS = 8 + 16 * 8,
};

// From here on a thread that ends the process by a fault of its own is noted on the board first, and its request in the
// ring if there is one.
void lyceum_board_guard(uint64_t *board, uint64_t *ring);
// Lets faults of the calling thread be noted even when its stack is full; the thread lives as long as the process.
void lyceum_board_stack(void);
// Asks a thread for its request's id; once more after that, and the process ends by SIGABRT in that thread.
int lyceum_board_signal(long thread);

// Memory that processes share by its descriptor, or -1 (errno).
int lyceum_memory(const char *name);

// Milliseconds of the monotonic clock.
int64_t lyceum_now(void);
