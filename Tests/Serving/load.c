// A load of POSTs over kept HTTP connections, of which every answer is checked.
//
//     cc -O2 -pthread -o load load.c
//     load PORT SECONDS CLIENTS [-p PATH] [-H 'Name: value']... [-b BODY [-s STATUS] [-c TEXT]]
//          [-a PERCENT] [-w PERCENT] [-f BYTES] [-i FIRST] [-t MS]
//
// Without -b the server is one that answers `BYTES SUM ID` and then X-Fill dots (fastcgi-probe's /post): bodies of 0 to
// 64 kB are made up, their length and sum and the request's id must come back. With -b each body is BODY, in which %d
// is the request's id; the answer must have STATUS (200 unless told otherwise) and contain TEXT.
//
//   -p  the path (/post)                            -a  so many percent hang up in the middle of their request
//   -H  a header for every request, Host as well    -w  so many percent ask for a pause of a second (X-Ms)
//   -i  the first id (1)                            -f  up to so many dots are asked for (X-Fill)
//   -t  milliseconds between two requests of a client (0)
//
// SIGTERM ends it early, as the time does: what was sent is still answered. At the end: `ok N failed N aborted N worst S`, the slowest request that asked for no pause in seconds. The first five
// failures are described on standard error. Leaves with 1 if any failed: an answer that was wrong, late (20 s), cut
// short or refused; a connection that cannot be made is tried again until the time is up, and counts as failed after 20
// s. A kept connection that the server closes between two requests is no failure, as for a browser; one that it closes
// after a request was sent is.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { largest = 65536, room = 1 << 20 };

static int port, clients, abort_percent, slow_percent, fill_most, pause_ms, expected_status = 200;
static const char *path = "/post", *body_text, *expected_text;
static char headers[4096];
static bool has_host;
static volatile sig_atomic_t is_told_to_end;
static double until;
static long next_id = 1, ok, failed, aborted, shown;
static double worst;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char blob[largest];
static long sums[largest + 1];  // sums[n]: of the first n bytes of the blob

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int dial(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {20, 0};
    int one = 1, socket_ = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(socket_, (struct sockaddr *)&address, sizeof address) == 0) return socket_;
    close(socket_);
    return -1;
}

static bool send_all(int socket_, const void *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(socket_, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes = (const char *)bytes + sent;
        count -= (size_t)sent;
    }
    return true;
}

// The server closed this connection while nothing was asked of it.
static bool is_closed(int socket_) {
    struct pollfd waiting = {.fd = socket_, .events = POLLIN};
    return poll(&waiting, 1, 0) == 1;
}

// Reads one answer into `buffer`, ended by a 0; its body, or NULL and what went wrong.
static char *read_answer(int socket_, char *buffer, const char **wrong) {
    size_t length = 0;
    char *body = NULL;
    for (;;) {
        ssize_t got = recv(socket_, buffer + length, room - 1 - length, 0);
        if (got <= 0) {
            *wrong = got < 0 ? "no answer in time" : length ? "the answer was cut short" : "closed without an answer";
            return NULL;
        }
        length += (size_t)got;
        buffer[length] = 0;
        if (!body && (body = strstr(buffer, "\r\n\r\n"))) body += 4;
        if (!body) continue;
        if (strcasestr(buffer, "transfer-encoding: chunked")) {
            if (length >= 5 && memcmp(buffer + length - 5, "0\r\n\r\n", 5) == 0) return body;
        } else {
            char *announced = strcasestr(buffer, "content-length:");
            size_t total = announced && announced < body ? (size_t)atol(announced + 15) : 0;
            if (length >= (size_t)(body - buffer) + total) return body;
        }
        if (length >= room - 1) {
            *wrong = "an answer of more than a megabyte";
            return NULL;
        }
    }
}

// What is wrong with an answer, or NULL.
static const char *check(const char *head, const char *body, long id, int count, int fill) {
    static __thread char why[120];
    int status = atoi(head + 9);
    if (status != expected_status) {
        snprintf(why, sizeof why, "status %d", status);
        return why;
    }
    if (body_text) return expected_text && !strstr(body, expected_text) ? "the expected text is missing" : NULL;
    char expected[80];
    snprintf(expected, sizeof expected, "%d %ld %ld\n", count, sums[count], id);
    const char *at = strstr(body, expected);
    if (!at) return "another request's answer";
    int dots = 0;
    for (at += strlen(expected); *at; at++) dots += *at == '.';
    return dots == fill ? NULL : "not all of the answer";
}

static void count_failure(long id, const char *why, double seconds) {
    pthread_mutex_lock(&lock);
    failed++;
    if (++shown <= 5) fprintf(stderr, "request %ld failed after %.3f s: %s\n", id, seconds, why);
    pthread_mutex_unlock(&lock);
}

static void *client(void *number) {
    unsigned seed = 977 * (unsigned)(long)number + (unsigned)next_id;
    char *buffer = malloc(room), *text = malloc(largest);
    int socket_ = -1;
    double refused_since = 0;
    while (now() < until && !is_told_to_end) {
        if (socket_ >= 0 && is_closed(socket_)) {
            close(socket_);
            socket_ = -1;
        }
        if (socket_ < 0 && (socket_ = dial()) < 0) {
            if (!refused_since) refused_since = now();
            if (now() - refused_since > 20) {
                count_failure(0, "no connection", 20);
                refused_since = 0;
            }
            usleep(1000);
            continue;
        }
        refused_since = 0;
        if (pause_ms) usleep((useconds_t)pause_ms * 1000);
        long id = __atomic_fetch_add(&next_id, 1, __ATOMIC_RELAXED);
        const void *body = blob;
        int count = rand_r(&seed) % 3 ? rand_r(&seed) % 4000 : rand_r(&seed) % (largest + 1);
        if (rand_r(&seed) % 10 == 0) count = 0;
        if (body_text) {
            // Only %d stands for something, and once.
            const char *mark = strstr(body_text, "%d");
            count = mark ? snprintf(text, largest, "%.*s%ld%s", (int)(mark - body_text), body_text, id, mark + 2)
                         : snprintf(text, largest, "%s", body_text);
            body = text;
        }
        int fill = fill_most ? rand_r(&seed) % fill_most : 0;
        bool is_slow = rand_r(&seed) % 100 < slow_percent, is_aborted = rand_r(&seed) % 100 < abort_percent;
        char head[8192];
        int length = snprintf(
            head, sizeof head,
            "POST %s HTTP/1.1\r\n%sX-Id: %ld\r\nX-Ms: %d\r\nX-Fill: %d\r\n"
            "Content-Length: %d\r\n%s\r\n",
            path, has_host ? "" : "Host: localhost\r\n", id, is_slow ? 1000 : is_aborted ? 20 : 0, fill, count, headers);
        double begin = now();
        const char *wrong = NULL;
        if (!send_all(socket_, head, (size_t)length)) wrong = "closed while the request was sent";
        if (is_aborted) {
            bool is_half = rand_r(&seed) % 2;
            send_all(socket_, body, (size_t)(is_half ? count / 2 : count));
            if (!is_half) usleep((useconds_t)(rand_r(&seed) % 8000));
            close(socket_);
            socket_ = -1;
            __atomic_fetch_add(&aborted, 1, __ATOMIC_RELAXED);
            continue;
        }
        if (!wrong && !send_all(socket_, body, (size_t)count)) wrong = "closed while the body was sent";
        if (!wrong) {
            char *answer = read_answer(socket_, buffer, &wrong);
            if (answer) wrong = check(buffer, answer, id, count, fill);
        }
        double seconds = now() - begin;
        if (wrong) {
            count_failure(id, wrong, seconds);
            close(socket_);
            socket_ = -1;
            continue;
        }
        if (strcasestr(buffer, "\r\nconnection: close")) {
            close(socket_);
            socket_ = -1;
        }
        pthread_mutex_lock(&lock);
        ok++;
        if (!is_slow && seconds > worst) worst = seconds;
        pthread_mutex_unlock(&lock);
    }
    if (socket_ >= 0) close(socket_);
    free(buffer);
    free(text);
    return NULL;
}

static void end(int signal) { is_told_to_end = signal; }

int main(int count, char **words) {
    int option;
    while ((option = getopt(count, words, "p:H:b:s:c:a:w:f:i:t:")) != -1) {
        size_t used = strlen(headers);
        switch (option) {
            case 'p': path = optarg; break;
            case 'H':
                snprintf(headers + used, sizeof headers - used, "%s\r\n", optarg);
                has_host |= strncasecmp(optarg, "host:", 5) == 0;
                break;
            case 'b': body_text = optarg; break;
            case 's': expected_status = atoi(optarg); break;
            case 'c': expected_text = optarg; break;
            case 'a': abort_percent = atoi(optarg); break;
            case 'w': slow_percent = atoi(optarg); break;
            case 'f': fill_most = atoi(optarg); break;
            case 't': pause_ms = atoi(optarg); break;
            case 'i': next_id = atol(optarg); break;
            default: return 64;
        }
    }
    if (count - optind != 3) {
        fprintf(stderr, "usage: load PORT SECONDS CLIENTS [options]; they are described at the top of load.c\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    port = atoi(words[optind]);
    until = now() + atof(words[optind + 1]);
    clients = atoi(words[optind + 2]);
    for (int i = 0; i < largest; i++) {
        blob[i] = (unsigned char)(i * 7 + i / 256);
        sums[i + 1] = sums[i] + blob[i];
    }
    pthread_t *threads = calloc((size_t)clients, sizeof *threads);
    // Only this thread takes the signal: it would break off the others' waiting for an answer.
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, NULL);
    signal(SIGTERM, end);
    for (long i = 0; i < clients; i++) pthread_create(&threads[i], NULL, client, (void *)i);
    pthread_sigmask(SIG_UNBLOCK, &term, NULL);
    for (int i = 0; i < clients; i++) pthread_join(threads[i], NULL);
    printf("ok %ld failed %ld aborted %ld worst %.3f\n", ok, failed, aborted, worst);
    return failed > 0;
}
