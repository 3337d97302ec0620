/*
 * The server: accepts requests, finds the function for each, and sends its answer. Each connection has a thread. At
 * most WORKERS_MAX requests to the API are answered at a time, so that many requests cannot exhaust the memory.
 */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "access.h"
#include "tools/eventure/interrupt.h"
#include "tools/eventure/message.h"
#include "watchdog.h"
#include "web_files.h"

#define CONNECTIONS_MAX 300
#define IDLE_SECONDS 15
#define HEADER_BYTES (32u * 1024)
#define BODY_BYTES (64u * 1024)
#define STACK_BYTES (1024u * 1024)
#define WORKERS_MAX 6
#define SEND_MS 60000
#define BODY_MS 20000
#define SQLITE_BYTES (INT64_C(768) * 1024 * 1024)
#define CACHE_BYTES (INT64_C(24) * 1024 * 1024)
#define LOOK_NS 100000000L

/* The Content-Security-Policy of the page: the browser may load resources from this server only. */
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
                             "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

typedef struct route
{
    const char *path;
    api_fn answer;
    bool takes_body;
} route;

static const route routes[] = {
    {"/api/overview", api_overview, false},
    {"/api/types", api_types, false},
    {"/api/timeline", api_timeline, false},
    {"/api/events", api_events, false},
    {"/api/event", api_event, false},
    {"/api/children", api_children, false},
    {"/api/ancestors", api_ancestors, false},
    {"/api/cascade", api_cascade, false},
    {"/api/state", api_state, false},
    {"/api/diff", api_diff, false},
    {"/api/sql", api_sql, true},
    {"/api/schema", api_schema, false},
    {"/api/verify", api_verify, false},
};

/* The body of a request, which arrives in pieces. Exists once the head of the request was accepted. */
typedef struct upload
{
    eventure__buffer body;
    bool is_too_long;
} upload;

static pthread_mutex_t workers_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t worker_left = PTHREAD_COND_INITIALIZER;
static int workers;

static const route *find_route(const char *path)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (strcmp(routes[i].path, path) == 0)
            return &routes[i];
    return NULL;
}

/* Sends bytes, which are copied unless they are static. */
static enum MHD_Result send_bytes(struct MHD_Connection *connection, unsigned status, const char *type,
                                  const void *bytes, size_t len, enum MHD_ResponseMemoryMode mode)
{
    union
    {
        const void *given;
        void *taken;
    } body = {bytes};
    struct MHD_Response *response = MHD_create_response_from_buffer(len, body.taken, mode);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Content-Security-Policy", policy);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "X-Frame-Options", "DENY");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *code, const char *text)
{
    json out = {0};
    json_open(&out, NULL, '{');
    json_open(&out, "error", '{');
    json_text(&out, "code", code);
    json_text(&out, "message", text);
    json_close(&out, '}');
    json_close(&out, '}');
    enum MHD_Result result = out.out.failed ? MHD_NO
                                            : send_bytes(connection, status, "application/json", out.out.bytes,
                                                         out.out.len, MHD_RESPMEM_MUST_COPY);
    eventure__buffer_free(&out.out);
    return result;
}

/* Waits until fewer than WORKERS_MAX requests are being answered; false after limit_ms. */
static bool begin_worker(int64_t limit_ms)
{
    struct timespec end;
    bool has_turn = true;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += (time_t)(limit_ms / 1000) + 1;
    pthread_mutex_lock(&workers_lock);
    while (workers >= WORKERS_MAX && has_turn)
        has_turn = pthread_cond_timedwait(&worker_left, &workers_lock, &end) == 0;
    workers += has_turn;
    pthread_mutex_unlock(&workers_lock);
    return has_turn;
}

static void end_worker(void)
{
    pthread_mutex_lock(&workers_lock);
    workers--;
    pthread_cond_signal(&worker_left);
    pthread_mutex_unlock(&workers_lock);
}

static void run_route(request *asked, const route *found)
{
    found->answer(asked);
    eventure_reader_close(asked->reader);
    if (asked->out.out.failed || asked->out.out.len > SERVE_ANSWER_BYTES)
    {
        bool is_long = !asked->out.out.failed;
        eventure__buffer_free(&asked->out.out);
        asked->status = MHD_HTTP_OK;
        request_fail(asked, is_long ? 413 : 503, is_long ? "limit" : "memory",
                     is_long ? "the answer is too long: ask for less" : "out of memory");
    }
}

static enum MHD_Result answer_api(server *owner, struct MHD_Connection *connection, const route *found,
                                  const upload *given)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    request asked = {.owner = owner, .connection = connection, .status = MHD_HTTP_OK};
    if (given->body.len > 0)
        asked.text = given->body.bytes;
    if (info == NULL || !begin_worker(owner->options->time_limit_ms))
        return refuse(connection, 503, "busy", "the server answers too many other requests");
    work_begin(&asked.work, info->connect_fd, owner->options->time_limit_ms, &owner->stops);
    run_route(&asked, found);
    work_finish();
    end_worker();
    enum MHD_Result result = MHD_NO;
    if (!asked.out.out.failed)
    {
        size_t len = asked.out.out.len;
        char *bytes = eventure__buffer_take(&asked.out.out);
        if (bytes != NULL)
            result = send_bytes(connection, asked.status, "application/json", bytes, len, MHD_RESPMEM_MUST_FREE);
    }
    eventure__buffer_free(&asked.out.out);
    return result;
}

static const web_file *find_file(const char *path)
{
    const char *name = strcmp(path, "/") == 0 ? "/index.html" : path;
    for (size_t i = 0; i < web_files_count; i++)
        if (name[0] == '/' && strcmp(web_files[i].name, name + 1) == 0)
            return &web_files[i];
    return NULL;
}

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (dot != NULL && strcmp(dot, ".js") == 0)
        return "text/javascript; charset=utf-8";
    if (dot != NULL && strcmp(dot, ".css") == 0)
        return "text/css; charset=utf-8";
    if (dot != NULL && strcmp(dot, ".svg") == 0)
        return "image/svg+xml";
    return "text/html; charset=utf-8";
}

/* Answers a file of the page. Scripts and styles contain no data of a store, so they need no token; the page itself
 * needs it. */
static enum MHD_Result answer_file(server *owner, struct MHD_Connection *connection, const char *path)
{
    const web_file *file = find_file(path);
    if (file == NULL)
        return refuse(connection, 404, "not-found", "there is nothing here");
    if (strcmp(file->name, "index.html") == 0 && !access_has_token(owner, connection))
        return refuse(connection, 403, "token", "the token is missing: open the link that eventure serve printed");
    return send_bytes(connection, MHD_HTTP_OK, type_of(file->name), file->bytes, file->len, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer_live(server *owner, struct MHD_Connection *connection)
{
    const char *which = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "store");
    bool is_against = which != NULL && strcmp(which, "b") == 0;
    if (is_against && owner->options->against == NULL)
        return refuse(connection, 404, "not-found", "there is no second store: start with --against");
    watchdog_allow(connection, 0);
    return live_answer(owner, connection, is_against);
}

static enum MHD_Result answer(server *owner, struct MHD_Connection *connection, const char *path, const upload *given)
{
    const route *found = find_route(path);
    watchdog_allow(connection, 2 * owner->options->time_limit_ms + SEND_MS);
    if (strncmp(path, "/api/", 5) != 0)
        return answer_file(owner, connection, path);
    if (!access_has_token(owner, connection))
        return refuse(connection, 403, "token", "the token is missing or wrong");
    if (strcmp(path, "/api/live") == 0)
        return answer_live(owner, connection);
    if (found == NULL)
        return refuse(connection, 404, "not-found", "there is no such question: docs/serve.md lists them");
    if (given->is_too_long)
        return refuse(connection, 413, "limit", "the body is longer than 64 KiB");
    if (given->body.len > 0 && memchr(given->body.bytes, '\0', given->body.len) != NULL)
        return refuse(connection, 400, "bad-parameter", "the body contains a NUL byte");
    return answer_api(owner, connection, found, given);
}

/* Sets *context, a bool, when a key or a value contains a NUL byte: read as a C string, it would end there. */
static enum MHD_Result find_nul(void *context, enum MHD_ValueKind kind, const char *key, size_t key_size,
                                const char *value, size_t value_size)
{
    bool *has_nul = context;
    (void)kind;
    *has_nul =
        *has_nul || memchr(key, '\0', key_size) != NULL || (value != NULL && memchr(value, '\0', value_size) != NULL);
    return MHD_YES;
}

/* Checks the head of a request. MHD_NO with *out_is_refused false means that it is accepted so far. */
static enum MHD_Result check_head(server *owner, struct MHD_Connection *connection, const char *path,
                                  const char *method, bool *out_is_refused)
{
    unsigned status = 0;
    bool has_nul = false;
    const char *why = access_refuses_origin(owner, connection, &status);
    const route *found = find_route(path);
    *out_is_refused = true;
    if (why != NULL)
        return refuse(connection, status, status == 400 ? "bad-request" : "forbidden", why);
    MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, find_nul, &has_nul);
    if (has_nul)
        return refuse(connection, 400, "bad-parameter", "a parameter contains a NUL byte");
    bool is_post = strcmp(method, "POST") == 0 && found != NULL && found->takes_body;
    if (!is_post && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "method", "only GET and HEAD are answered here");
    *out_is_refused = false;
    return MHD_NO;
}

static void take_body(upload *given, const char *bytes, size_t len)
{
    if (given->body.len + len > BODY_BYTES)
        given->is_too_long = true;
    else
        eventure__buffer_append(&given->body, bytes, len);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data, size_t *data_len,
                                  void **state)
{
    server *owner = context;
    upload *given = *state;
    (void)version;
    if (given == NULL)
    {
        bool is_refused = false;
        enum MHD_Result result = check_head(owner, connection, path, method, &is_refused);
        if (is_refused)
            return result;
        *state = calloc(1, sizeof *given);
        watchdog_allow(connection, BODY_MS);
        return *state != NULL ? MHD_YES : MHD_NO;
    }
    if (*data_len > 0)
    {
        take_body(given, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    if (given->body.failed || (given->body.len > 0 && eventure__buffer_text(&given->body) == NULL))
        return MHD_NO;
    return answer(owner, connection, path, given);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    upload *given = *state;
    (void)context;
    (void)code;
    watchdog_allow(connection, BODY_MS);
    if (given != NULL)
        eventure__buffer_free(&given->body);
    free(given);
    *state = NULL;
}

static void keep_silent(void *context, const char *format, va_list arguments)
{
    (void)context;
    (void)format;
    (void)arguments;
}

typedef union address
{
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
} address;

static bool read_address(const serve_options *options, address *out, bool *out_is_loopback)
{
    const char *listen = options->listen != NULL ? options->listen : "127.0.0.1";
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, listen, &out->four.sin_addr) == 1)
    {
        out->four.sin_family = AF_INET;
        out->four.sin_port = htons(options->port);
        *out_is_loopback = (ntohl(out->four.sin_addr.s_addr) >> 24) == 127;
        return true;
    }
    if (inet_pton(AF_INET6, listen, &out->six.sin6_addr) == 1)
    {
        out->six.sin6_family = AF_INET6;
        out->six.sin6_port = htons(options->port);
        *out_is_loopback = IN6_IS_ADDR_LOOPBACK(&out->six.sin6_addr);
        return true;
    }
    return false;
}

static int start(server *owner)
{
    const serve_options *options = owner->options;
    address place;
    if (!read_address(options, &place, &owner->is_loopback))
        return message_usage("serve", "serve: --listen %s is not an IPv4 or IPv6 address", options->listen);
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                     MHD_USE_ERROR_LOG | (place.any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    atomic_store(&owner->port, options->port);
    errno = 0; /* MHD_start_daemon does not always set it */
    owner->daemon = MHD_start_daemon(
        flags, options->port, NULL, NULL, on_request, owner, MHD_OPTION_EXTERNAL_LOGGER, keep_silent, NULL,
        MHD_OPTION_SOCK_ADDR, &place.any, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, watchdog_notify, NULL, MHD_OPTION_END);
    if (owner->daemon == NULL)
    {
        message("serve: cannot listen on %s, port %u: %s", options->listen != NULL ? options->listen : "127.0.0.1",
                (unsigned)options->port, errno != 0 ? strerror(errno) : "the server library did not start");
        return EXIT_FILE;
    }
    atomic_store(&owner->port, MHD_get_daemon_info(owner->daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    return EXIT_DONE;
}

static void print_link(const server *owner)
{
    const char *listen = owner->options->listen != NULL ? owner->options->listen : "127.0.0.1";
    bool is_any = strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0;
    bool is_six = strchr(listen, ':') != NULL;
    if (is_any)
        listen = is_six ? "::1" : "127.0.0.1";
    printf("http://%s%s%s:%u/?token=%s\n", is_six ? "[" : "", listen, is_six ? "]" : "", (unsigned)owner->port,
           owner->token);
    fflush(stdout);
}

/* Reports a store that cannot be opened before the link is printed. */
static int check_store(const char *path)
{
    eventure_reader *reader = NULL;
    eventure_status status = path != NULL ? eventure_reader_open(path, &reader) : EVENTURE_OK;
    if (status != EVENTURE_OK)
        message("%s", eventure_reader_message(reader));
    eventure_reader_close(reader);
    return status == EVENTURE_OK ? EXIT_DONE : EXIT_FILE;
}

static void wait_for_signal(void)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = LOOK_NS};
    while (!interrupt_came())
    {
        nanosleep(&pause, NULL);
        watchdog_close_late();
    }
}

static int run(server *owner)
{
    int exit_code = start(owner);
    if (exit_code != EXIT_DONE)
        return exit_code;
    print_link(owner);
    wait_for_signal();
    atomic_store(&owner->stops, true);
    MHD_stop_daemon(owner->daemon);
    interrupt_forget(); /* the interrupt is the normal end, not a failure */
    return EXIT_DONE;
}

int serve_run(const serve_options *options)
{
    server owner = {.options = options};
    /* A shell script starts the server in the background, where SIGINT is ignored, and ends it with kill -INT. */
    signal(SIGINT, SIG_DFL);
    interrupt_catch();
    int exit_code = check_store(options->path);
    if (exit_code == EXIT_DONE)
        exit_code = check_store(options->against);
    if (exit_code != EXIT_DONE)
        return exit_code;
    if (!access_make_token(&owner))
    {
        message("serve: the system gives no random bytes");
        return EXIT_FILE;
    }
    if (!work_watch_connections())
        return message_memory();
    sqlite3_hard_heap_limit64(SQLITE_BYTES);
    sqlite3_soft_heap_limit64(CACHE_BYTES);
    owner.states = states_open(options);
    exit_code = owner.states != NULL ? run(&owner) : EXIT_DATA;
    states_close(owner.states);
    work_forget_connections();
    return exit_code;
}
