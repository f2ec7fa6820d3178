// Replays one FastCGI request over one kept connection, for counting instructions without a web server.
//
//     cc -O2 -o replay replay.c
//     replay SOCKET COUNT PATH [NAME=VALUE]...
//
// The parameters are those of nginx's fastcgi_params for a GET by curl, with DOCUMENT_URI, REQUEST_URI and SCRIPT_NAME
// from PATH; NAME=VALUE adds one or replaces it. Each answer must begin with `Status: 200` and equal the first one.
// Prints the length of the answer in bytes; leaves with 1 if one was wrong.
//
// Instructions per request are the difference of two runs of the server under callgrind with different COUNTs, divided
// by the difference of the COUNTs: what starting costs falls out.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { most_parameters = 64, room = 1 << 22 };

struct parameter {
    const char *name, *value;
};

static struct parameter parameters[most_parameters] = {
    {"QUERY_STRING", ""},
    {"REQUEST_METHOD", "GET"},
    {"CONTENT_TYPE", ""},
    {"CONTENT_LENGTH", ""},
    {"SCRIPT_NAME", "/"},
    {"REQUEST_URI", "/"},
    {"DOCUMENT_URI", "/"},
    {"DOCUMENT_ROOT", "/usr/share/nginx/html"},
    {"SERVER_PROTOCOL", "HTTP/1.1"},
    {"REQUEST_SCHEME", "http"},
    {"GATEWAY_INTERFACE", "CGI/1.1"},
    {"SERVER_SOFTWARE", "nginx/1.22.1"},
    {"REMOTE_ADDR", "127.0.0.1"},
    {"REMOTE_PORT", "43210"},
    {"REMOTE_USER", ""},
    {"SERVER_ADDR", "127.0.0.1"},
    {"SERVER_PORT", "8080"},
    {"SERVER_NAME", "localhost"},
    {"REDIRECT_STATUS", "200"},
    {"HTTP_HOST", "localhost:8080"},
    {"HTTP_USER_AGENT", "curl/7.88.1"},
    {"HTTP_ACCEPT", "*/*"},
};

static void set(const char *name, const char *value) {
    struct parameter *parameter = parameters;
    while (parameter->name && strcmp(parameter->name, name) != 0) parameter++;
    if (parameter - parameters == most_parameters - 1) exit(64);
    parameter->name = name;
    parameter->value = value;
}

static unsigned char *add_length(unsigned char *out, size_t length) {
    if (length < 128) {
        *out++ = (unsigned char)length;
        return out;
    }
    for (int shift = 24; shift >= 0; shift -= 8) *out++ = (unsigned char)(length >> shift | (shift == 24 ? 0x80 : 0));
    return out;
}

static unsigned char *add_head(unsigned char *out, int type, size_t length) {
    unsigned char head[8] = {1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8), (unsigned char)length, 0, 0};
    memcpy(out, head, sizeof head);
    return out + sizeof head;
}

// BEGIN_REQUEST (keep the connection), the parameters, their end, the end of stdin; its length.
static size_t make_request(unsigned char *request) {
    unsigned char *out = add_head(request, 1, 8);
    memcpy(out, (unsigned char[]){0, 1, 1, 0, 0, 0, 0, 0}, 8);
    unsigned char *head = out + 8, *content = head + 8;
    out = content;
    for (struct parameter *parameter = parameters; parameter->name; parameter++) {
        size_t name = strlen(parameter->name), value = strlen(parameter->value);
        out = add_length(add_length(out, name), value);
        memcpy(out, parameter->name, name);
        memcpy(out + name, parameter->value, value);
        out += name + value;
    }
    add_head(head, 4, (size_t)(out - content));
    return (size_t)(add_head(add_head(out, 4, 0), 5, 0) - request);
}

// Reads up to END_REQUEST; how many bytes of stdout there were, or -1.
static long read_answer(int socket_, unsigned char *records, char *answer) {
    size_t have = 0, at = 0;
    long length = 0;
    for (;;) {
        while (have - at >= 8) {
            size_t content = (size_t)records[at + 4] << 8 | records[at + 5], whole = 8 + content + records[at + 6];
            if (have - at < whole) break;
            if (records[at + 1] == 6) {
                memcpy(answer + length, records + at + 8, content);
                length += (long)content;
            }
            if (records[at + 1] == 3) return length;
            at += whole;
        }
        if (have == room) return -1;
        ssize_t got = recv(socket_, records + have, room - have, 0);
        if (got <= 0) return -1;
        have += (size_t)got;
    }
}

int main(int count, char **words) {
    if (count < 4) {
        fprintf(stderr, "usage: replay SOCKET COUNT PATH [NAME=VALUE]...\n");
        return 64;
    }
    set("SCRIPT_NAME", words[3]);
    set("REQUEST_URI", words[3]);
    set("DOCUMENT_URI", words[3]);
    for (int i = 4; i < count; i++) {
        char *equals = strchr(words[i], '=');
        if (!equals) return 64;
        *equals = 0;
        set(words[i], equals + 1);
    }
    static unsigned char request[32768], records[room];
    static char first[room], answer[room];
    size_t size = make_request(request);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, words[1], sizeof address.sun_path - 1);
    int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
    struct timeval limit = {60, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(socket_, (struct sockaddr *)&address, sizeof address) != 0) {
        perror(words[1]);
        return 1;
    }
    long length = 0;
    for (long i = 0, last = atol(words[2]); i < last; i++) {
        if (send(socket_, request, size, MSG_NOSIGNAL) != (ssize_t)size) return 1;
        long got = read_answer(socket_, records, i ? answer : first);
        if (i == 0) length = got;
        bool is_wrong = got < 11 || got != length || memcmp(first, "Status: 200", 11) != 0;
        if (is_wrong || (i && memcmp(first, answer, (size_t)length) != 0)) {
            fprintf(stderr, "answer %ld is wrong: %.200s\n", i + 1, got > 0 ? (i ? answer : first) : "(none)");
            return 1;
        }
    }
    printf("%ld\n", length);
    return 0;
}
