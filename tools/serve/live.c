/*
 * Server-sent events: sends a message after another process has committed, at most ten messages a second. A message
 * contains the current tick and the newest seq of the store. The page then requests the new events.
 *
 * A reader checks the store every LOOK_EVERY_MS, which takes about 50 microseconds, and has no read transaction between
 * two checks. A follower that was opened for each message, with an inotify watch, reduced the throughput of a writer at
 * full speed by a sixth.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <eventure/reader.h>
#include <eventure/session.h>

#include "base/clock.h"
#include "server.h"

#define PAGES_MAX 32
#define LOOK_EVERY_MS 50
#define BETWEEN_MESSAGES_MS 100
#define HEARTBEAT_MS 10000

typedef struct live
{
    server *owner;
    const char *path;
    int client;
    eventure_reader *reader; /* NULL while it is closed */
    char uuid[37];           /* the history that the page shows */
    dev_t device;
    ino_t inode;
    int64_t tick;
    int64_t last_seq;
    int64_t wrote_ms;
    bool has_looked;
    char problem[64]; /* the code of the last problem that was sent */
    json out;         /* the messages, of which the first `sent` bytes are sent */
    size_t sent;
} live;

static void sleep_ms(int64_t ms)
{
    struct timespec time = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000 * 1000000)};
    if (ms > 0)
        nanosleep(&time, NULL);
}

static void say_problem(live *one, const char *code, const char *text)
{
    if (strcmp(one->problem, code) == 0)
        return;
    snprintf(one->problem, sizeof one->problem, "%s", code);
    eventure__buffer_append_text(&one->out.out, "event: problem\ndata: ");
    one->out.needs_comma = false;
    json_open(&one->out, NULL, '{');
    json_text(&one->out, "code", code);
    json_text(&one->out, "message", text);
    json_close(&one->out, '}');
    eventure__buffer_append_text(&one->out.out, "\n\n");
}

static void say_place(live *one)
{
    one->problem[0] = '\0';
    eventure__buffer_append_text(&one->out.out, "data: ");
    one->out.needs_comma = false;
    json_open(&one->out, NULL, '{');
    json_text(&one->out, "uuid", one->uuid);
    json_int(&one->out, "current_tick", one->tick);
    json_int(&one->out, "last_seq", one->last_seq);
    json_close(&one->out, '}');
    eventure__buffer_append_text(&one->out.out, "\n\n");
}

static void close_reader(live *one)
{
    eventure_reader_close(one->reader);
    one->reader = NULL;
}

/* Returns whether the file exists. Closes the reader when another file has replaced it. */
static bool check_file(live *one)
{
    struct stat info;
    if (stat(one->path, &info) != 0)
    {
        say_problem(one, "gone", "the store is not there any more");
        return false;
    }
    bool is_new = one->inode != 0 && (info.st_dev != one->device || info.st_ino != one->inode);
    one->device = info.st_dev;
    one->inode = info.st_ino;
    if (is_new)
    {
        say_problem(one, "replaced", "another file was put in the place of the store");
        one->uuid[0] = '\0';
        close_reader(one);
    }
    return true;
}

static eventure_status read_place(live *one, eventure_origin *origin, int64_t *out_tick, int64_t *out_last_seq)
{
    eventure_status status = one->reader == NULL ? eventure_reader_open(one->path, &one->reader) : EVENTURE_OK;
    if (status == EVENTURE_OK)
        status = eventure_reader_begin(one->reader);
    if (status == EVENTURE_OK)
        status = eventure_reader_tick(one->reader, out_tick);
    if (status == EVENTURE_OK)
        status = eventure_reader_last_seq(one->reader, out_last_seq);
    if (status == EVENTURE_OK)
        status = eventure_store_origin(one->reader, origin);
    eventure_reader_end(one->reader);
    return status;
}

/* Reads the current tick and the newest seq of the store, and sends them to the page when one of them, or the history,
 * has changed. */
static void look_at_store(live *one)
{
    eventure_origin origin;
    int64_t tick = 0;
    int64_t last_seq = 0;
    if (!check_file(one))
        return;
    eventure_status status = read_place(one, &origin, &tick, &last_seq);
    if (status != EVENTURE_OK)
    {
        if (status != EVENTURE_ERROR_BUSY)
            say_problem(one, "damaged", eventure_reader_message(one->reader));
        close_reader(one);
        return;
    }
    bool is_same = strcmp(origin.uuid, one->uuid) == 0;
    if (!is_same && one->uuid[0] != '\0')
        say_problem(one, "replaced", "the file holds another history now");
    if (is_same && tick == one->tick && last_seq == one->last_seq)
        return;
    snprintf(one->uuid, sizeof one->uuid, "%s", origin.uuid);
    one->tick = tick;
    one->last_seq = last_seq;
    say_place(one);
}

static void wait_for_commit(live *one)
{
    int64_t until = one->wrote_ms + BETWEEN_MESSAGES_MS - eventure__clock_ms();
    if (one->has_looked)
        sleep_ms(until > LOOK_EVERY_MS ? until : LOOK_EVERY_MS);
    one->has_looked = true;
    look_at_store(one);
}

static ssize_t send_some(live *one, char *to, size_t max)
{
    size_t left = one->out.out.len - one->sent;
    size_t len = left < max ? left : max;
    memcpy(to, one->out.out.bytes + one->sent, len);
    one->sent += len;
    if (one->sent == one->out.out.len)
    {
        eventure__buffer_clear(&one->out.out);
        one->sent = 0;
    }
    one->wrote_ms = eventure__clock_ms();
    return (ssize_t)len;
}

static ssize_t read_more(void *context, uint64_t position, char *to, size_t max)
{
    live *one = context;
    (void)position;
    while (one->out.out.len == 0)
    {
        if (atomic_load(&one->owner->stops) || one->out.out.failed || work_client_has_gone(one->client))
            return MHD_CONTENT_READER_END_OF_STREAM;
        wait_for_commit(one);
        if (one->out.out.len == 0 && eventure__clock_ms() - one->wrote_ms > HEARTBEAT_MS)
            eventure__buffer_append_text(&one->out.out, ": still here\n\n");
    }
    return one->out.out.failed ? MHD_CONTENT_READER_END_WITH_ERROR : send_some(one, to, max);
}

static void end(void *context)
{
    live *one = context;
    atomic_fetch_sub(&one->owner->live_pages, 1);
    close_reader(one);
    eventure__buffer_free(&one->out.out);
    free(one);
}

enum MHD_Result live_answer(server *owner, struct MHD_Connection *connection, bool is_against)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    live *one = calloc(1, sizeof *one);
    if (one == NULL || info == NULL)
    {
        free(one);
        return MHD_NO;
    }
    one->owner = owner;
    one->path = is_against ? owner->options->against : owner->options->path;
    one->client = info->connect_fd;
    one->last_seq = -1;
    if (atomic_fetch_add(&owner->live_pages, 1) >= PAGES_MAX)
    {
        end(one);
        return MHD_NO;
    }
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_more, one, end);
    if (response == NULL)
    {
        end(one);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", "text/event-stream");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}
