/*
 * Measures how much of two files the search for the first difference reads: at most one page in a hundred. The two runs
 * have a million events each, and differ in one event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <eventure/eventure.h>

#include "fault_vfs.h"
#include "harness.h"

#define EVENTS_A_TICK 100
#define PAGE 4096

typedef struct runs
{
    int64_t events;
    bool without_digests; /* a deliberate defect: without digests both files are read from the beginning */
    int64_t read_left;
    int64_t read_right;
} runs;

/* Writes a run, whose event `odd` differs from that of other runs. */
static void write_run(const char *path, const runs *self, int64_t odd)
{
    static const char *const types[] = {"order.placed", "order.filled", "player.move", "enemy.moved", "price.changed"};
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    eventure_event before = {.seq = 0};
    eventure_status status = EVENTURE_OK;
    options.sync = EVENTURE_SYNC_OFF;
    options.without_digests = self->without_digests;
    harness_remove(path);
    must(eventure_log_open(path, &options, &log) == EVENTURE_OK, "%s", eventure_log_message(log));
    for (int64_t i = 1; i <= self->events && status == EVENTURE_OK; i++)
    {
        status = eventure_log_append(log, types[i % 5],
                                     EVENTURE_DATA(eventure_int("amount", i == odd ? -1 : i * 7919 % 1000),
                                                   eventure_int("account", i % 8),
                                                   eventure_string("note", "something that happened")),
                                     i % 10 > 2 ? &before : NULL, &before);
        if (status == EVENTURE_OK && i % EVENTS_A_TICK == 0)
            status = eventure_log_advance_tick(log);
    }
    must(status == EVENTURE_OK, "%s", eventure_log_message(log));
    must(eventure_log_close(log) == EVENTURE_OK, "close");
}

static int64_t pages_of(const char *path)
{
    struct stat info;
    must(stat(path, &info) == 0, "no %s", path);
    return info.st_size / PAGE;
}

static void find_difference(int64_t odd)
{
    eventure_reader *left = NULL;
    eventure_reader *right = NULL;
    eventure_difference difference;
    must(eventure_reader_open("left.db", &left) == EVENTURE_OK &&
             eventure_reader_open("right.db", &right) == EVENTURE_OK,
         "cannot open");
    must(eventure_store_diff(left, right, &difference) == EVENTURE_OK, "%s", eventure_reader_message(left));
    must(difference.differ && difference.common_seq == odd - 1 && difference.left->seq == odd &&
             difference.right->seq == odd,
         "the difference was found after event %lld", (long long)difference.common_seq);
    eventure_difference_clear(&difference);
    eventure_reader_close(left);
    eventure_reader_close(right);
}

static void measure(void *context)
{
    runs *self = context;
    int64_t odd = self->events * 61 / 100;
    write_run("left.db", self, 0);
    write_run("right.db", self, odd);
    fault_vfs_install();
    find_difference(odd);
    self->read_left = fault_vfs_bytes_read("left.db") / PAGE;
    self->read_right = fault_vfs_bytes_read("right.db") / PAGE;
    fault_vfs_remove();
    must(self->read_left > 3 && self->read_right > 3, "no reading was counted");
    must(self->read_left * 100 < pages_of("left.db") && self->read_right * 100 < pages_of("right.db"),
         "%lld and %lld of %lld pages were read", (long long)self->read_left, (long long)self->read_right,
         (long long)pages_of("left.db"));
}

int main(void)
{
    runs slow = {.events = 30000, .without_digests = true};
    runs fast = {.events = 1000000};
    must(harness_notices(measure, &slow), "a search that reads everything was not noticed");
    harness_say("test-diff", "a search that reads both runs from the beginning: noticed");
    measure(&fast);
    int64_t pages = pages_of("left.db");
    harness_say("diff", "two runs of %lld events, one different: %lld and %lld pages read of %lld (%.2f %%)",
                (long long)fast.events, (long long)fast.read_left, (long long)fast.read_right, (long long)pages,
                100.0 * (double)fast.read_left / (double)pages);
    harness_remove("left.db");
    harness_remove("right.db");
    return 0;
}
