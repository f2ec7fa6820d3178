// The work of the instruction budgets in plain C, to compare with: libfcgi with a thread per connection, libpq.
//
//     cc -O2 -pthread -o compare compare.c -lfcgi $(pkg-config --cflags --libs libpq)
//     compare setup CONNINFO                      makes the table compare_item with 20 rows
//     compare serve CONNINFO THREADS [REQUESTS]   answers on descriptor 0; leaves after so many requests
//
// By DOCUMENT_URI: /hello, /row (one row by its key, 8 fields) and /list (20 rows of 8 fields), as JSON. Nothing else:
// no routing table, no access check, no metrics, no drain. THREADS must exceed the connections the web server keeps.
#include <fcgiapp.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIELDS "id, title, summary, level, seats, price_minor, currency, published_at"

static const char *const names[] = {"id", "title", "summary", "level", "seats", "price", "currency", "publishedAt"};
static const int is_number[] = {1, 0, 0, 0, 1, 1, 0, 0};
enum { fields = 8 };

static const char *conninfo;
static atomic_long left = 1L << 62;

// ---- An answer

struct text {
    char *bytes;
    size_t count, room;
};

static void reserve(struct text *text, size_t more) {
    if (text->count + more <= text->room) return;
    text->room = (text->count + more) * 2;
    text->bytes = realloc(text->bytes, text->room);
}

static void add(struct text *text, const char *bytes, size_t count) {
    reserve(text, count);
    memcpy(text->bytes + text->count, bytes, count);
    text->count += count;
}

static void add_string(struct text *text, const char *bytes, size_t count) {
    static const char hex[] = "0123456789abcdef";
    reserve(text, 6 * count + 2);
    char *out = text->bytes + text->count;
    *out++ = '"';
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\') {
            *out++ = '\\';
            *out++ = (char)c;
        } else if (c < 0x20) {
            memcpy(out, "\\u00", 4);
            out[4] = hex[c >> 4];
            out[5] = hex[c & 15];
            out += 6;
        } else {
            *out++ = (char)c;
        }
    }
    *out++ = '"';
    text->count = (size_t)(out - text->bytes);
}

static void add_row(struct text *text, const PGresult *result, int row) {
    for (int field = 0; field < fields; field++) {
        add(text, field ? "," : "{", 1);
        add(text, "\"", 1);
        add(text, names[field], strlen(names[field]));
        add(text, "\":", 2);
        const char *value = PQgetvalue(result, row, field);
        size_t length = (size_t)PQgetlength(result, row, field);
        if (PQgetisnull(result, row, field)) add(text, "null", 4);
        else if (is_number[field]) add(text, value, length);
        else add_string(text, value, length);
    }
    add(text, "}", 1);
}

// ---- The database

static PGconn *connect_(void) {
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(connection));
        exit(1);
    }
    return connection;
}

static PGconn *prepared(void) {
    PGconn *connection = connect_();
    PQclear(PQexec(connection, "set time zone 'UTC'"));
    PQclear(PQprepare(connection, "row", "select " FIELDS " from compare_item where id = $1", 1, NULL));
    PQclear(PQprepare(connection, "list", "select " FIELDS " from compare_item order by id limit 20", 0, NULL));
    return connection;
}

static int setup(void) {
    PGconn *connection = connect_();
    PGresult *result = PQexec(
        connection,
        "drop table if exists compare_item;"
        "create table compare_item (id bigint primary key, title text not null, summary text, level text not null,"
        "  seats int, price_minor bigint not null, currency text not null, published_at timestamptz not null);"
        "insert into compare_item select n, 'Course number ' || n, 'What it is about: ' || n, 'beginner',"
        "  n * 10, n * 1000, 'EUR', timestamptz '2026-01-01 12:00Z' + n * interval '1 day'"
        "  from generate_series(1, 20) n");
    int failed = PQresultStatus(result) != PGRES_COMMAND_OK;
    if (failed) fprintf(stderr, "%s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    return failed;
}

// ---- Serving

static void answer(FCGX_Request *request, PGconn **connection, struct text *text) {
    static const char head[] = "Status: 200\r\nContent-Type: application/json\r\n\r\n";
    const char *path = FCGX_GetParam("DOCUMENT_URI", request->envp);
    text->count = 0;
    add(text, head, sizeof head - 1);
    if (path && strcmp(path, "/hello") == 0) {
        add(text, "{\"hello\":\"world\"}", 17);
    } else if (path && (strcmp(path, "/row") == 0 || strcmp(path, "/list") == 0)) {
        if (!*connection) *connection = prepared();
        int is_list = path[1] == 'l';
        const char *const binds[] = {"7"};
        PGresult *result =
            is_list ? PQexecPrepared(*connection, "list", 0, NULL, NULL, NULL, 0)
                    : PQexecPrepared(*connection, "row", 1, binds, NULL, NULL, 0);
        if (is_list) add(text, "{\"items\":[", 10);
        for (int row = 0; row < PQntuples(result); row++) {
            if (row) add(text, ",", 1);
            add_row(text, result, row);
        }
        if (is_list) add(text, "]}", 2);
        PQclear(result);
    } else {
        text->count = 0;
        add(text, "Status: 404\r\n\r\n", 15);
    }
    FCGX_PutStr(text->bytes, (int)text->count, request->out);
}

static void *serve(void *unused) {
    FCGX_Request request;
    PGconn *connection = NULL;
    struct text text = {0};
    FCGX_InitRequest(&request, 0, 0);
    while (FCGX_Accept_r(&request) == 0) {
        char ignored[4096];
        while (FCGX_GetStr(ignored, sizeof ignored, request.in) == sizeof ignored) {}
        answer(&request, &connection, &text);
        FCGX_Finish_r(&request);
        if (atomic_fetch_sub(&left, 1) == 1) exit(0);
    }
    return unused;
}

int main(int count, char **words) {
    if (count == 3 && strcmp(words[1], "setup") == 0) {
        conninfo = words[2];
        return setup();
    }
    if (count < 4 || strcmp(words[1], "serve") != 0) {
        fprintf(stderr, "usage: compare setup CONNINFO | compare serve CONNINFO THREADS [REQUESTS]\n");
        return 64;
    }
    conninfo = words[2];
    if (count > 4) left = atol(words[4]);
    FCGX_Init();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    int threads = atoi(words[3]);
    for (int i = 1; i < threads; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, serve, NULL);
    }
    serve(NULL);
    return 0;
}
