/*
 * eventure ship: brings stores to a PostgreSQL server. A command of the program eventure-postgres.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "command_options.h"
#include "commands.h"
#include "connection.h"
#include "interrupt.h"
#include "message.h"
#include "progress_line.h"
#include "ship.h"
#include "store_file.h"
#include "text.h"

typedef struct ship_request
{
    const char *to;
    char **paths;
    size_t count;
    int64_t partitions;
    bool follow;
    bool allow_older;
} ship_request;

/* With --follow: the interval between two reads of the stores, and the longest pause between two attempts to connect to
   the server. */
#define POLL_MS 500
#define LONGEST_PAUSE_S 60

typedef struct shipping
{
    const ship_request *request;
    server to;
    shipment *stores;
    bool *dropped; /* stores that are not shipped any more */
    size_t left;   /* stores that are still shipped */
    progress_line line;
    int64_t events;
    int64_t pause_s; /* 0: connected */
    int exit_code;   /* of the first failure */
} shipping;

static volatile sig_atomic_t state_wanted;

static void want_state(int number)
{
    (void)number;
    state_wanted = 1;
}

static void say_state(const shipping *self)
{
    char count[COUNT_BYTES];
    progress_line line = self->line;
    progress_end(&line);
    if (self->pause_s > 0)
        message("ship: %s shipped; %zu of %zu stores; the server is away, the next attempt is within %" PRId64 " s",
                text_count(count, self->events, "event"), self->left, self->request->count, self->pause_s);
    else
        message("ship: %s shipped; %zu of %zu stores; connected", text_count(count, self->events, "event"), self->left,
                self->request->count);
}

static void answer_state(const shipping *self)
{
    if (state_wanted == 0)
        return;
    state_wanted = 0;
    say_state(self);
}

static int show_progress(const shipment *store, int64_t events, void *context)
{
    shipping *self = context;
    self->events += events;
    const eventure_progress progress = {self->events, 0, store->tick};
    answer_state(self);
    return progress_show(&progress, &self->line);
}

static void drop_store(shipping *self, size_t i, int exit_code)
{
    if (self->exit_code == EXIT_DONE)
        self->exit_code = exit_code;
    self->dropped[i] = true;
    self->left--;
}

/* A store is open while it is shipped, so that memory and open files do not depend on the number of stores. */
static int ship_one(shipping *self, shipment *store, const ship_options *options)
{
    int exit_code = store_open_reader(store->path, &store->reader);
    store->db = connection_newest();
    if (exit_code == EXIT_DONE)
        exit_code = ship_store(&self->to, store, options);
    eventure_reader_close(store->reader);
    store->reader = NULL;
    return exit_code;
}

/* Ships each store once. Returns false when the server was lost. */
static bool ship_all(shipping *self)
{
    const ship_options options = {.with_open_tick = !self->request->follow,
                                  .allow_older = self->request->allow_older,
                                  .progress = show_progress,
                                  .progress_context = self};
    for (size_t i = 0; i < self->request->count && !interrupt_came(); i++)
    {
        shipment *store = &self->stores[i];
        if (self->dropped[i])
            continue;
        if (store->tick >= 0 && access(store->path, F_OK) != 0)
        {
            message("ship %s: the file is gone; the server has the run up to tick %" PRId64, store->path, store->tick);
            drop_store(self, i, EXIT_FILE);
            continue;
        }
        int exit_code = ship_one(self, store, &options);
        if (exit_code != EXIT_DONE && self->to.is_lost)
            return false;
        if (exit_code != EXIT_DONE && !interrupt_came())
            drop_store(self, i, exit_code);
    }
    return true;
}

/* Waits for ms milliseconds, or until a terminating signal arrives. Answers SIGUSR1 meanwhile. */
static void pause_ms(shipping *self, int64_t ms)
{
    for (; ms > 0 && !interrupt_came(); ms -= POLL_MS)
    {
        const struct timespec step = {0, (ms < POLL_MS ? ms : POLL_MS) * 1000000};
        nanosleep(&step, NULL);
        answer_state(self);
    }
}

/* Connects to the server again after the connection was lost. The pause between two attempts doubles, up to a
   minute. */
static void wait_for_server(shipping *self)
{
    self->pause_s = 1;
    progress_end(&self->line);
    message("ship: trying again until the server answers");
    while (!interrupt_came())
    {
        pause_ms(self, self->pause_s * 1000);
        if (interrupt_came() || server_reopen(&self->to, true) == EXIT_DONE)
            break;
        if (self->pause_s < LONGEST_PAUSE_S)
            self->pause_s = self->pause_s * 2 < LONGEST_PAUSE_S ? self->pause_s * 2 : LONGEST_PAUSE_S;
    }
    self->pause_s = 0;
    if (!interrupt_came())
        message("ship: connected again");
}

/* Ships until a signal arrives or no store is left. After a pass that shipped nothing it waits for nine times the
   duration of the pass, at least POLL_MS, so that polling many stores takes at most a tenth of the time. */
static void follow(shipping *self)
{
    while (!interrupt_came() && self->left > 0)
    {
        int64_t begun = eventure__clock_ms();
        int64_t events = self->events;
        bool is_there = ship_all(self);
        int64_t spent = eventure__clock_ms() - begun;
        if (!is_there)
            wait_for_server(self);
        else
            pause_ms(self, events == self->events && 9 * spent > POLL_MS ? 9 * spent : POLL_MS);
    }
}

static int run(const ship_request *request)
{
    char count[COUNT_BYTES];
    shipping self = {.request = request};
    struct sigaction on_state = {.sa_handler = want_state, .sa_flags = SA_RESTART};
    self.stores = calloc(request->count, sizeof *self.stores);
    self.dropped = calloc(request->count, sizeof *self.dropped);
    self.left = request->count;
    if (self.stores == NULL || self.dropped == NULL)
    {
        free(self.stores);
        free(self.dropped);
        return message_memory();
    }
    for (size_t i = 0; i < request->count; i++)
        self.stores[i] = (shipment){.path = request->paths[i], .tick = -1};
    int exit_code = server_open(&self.to, request->to);
    if (exit_code == EXIT_DONE)
        exit_code = server_need_schema(&self.to, request->partitions);
    if (exit_code == EXIT_DONE)
    {
        interrupt_catch();
        sigaction(SIGUSR1, &on_state, NULL);
        progress_begin(&self.line, "ship");
        if (request->follow)
            follow(&self);
        else if (!ship_all(&self) && self.exit_code == EXIT_DONE)
            self.exit_code = EXIT_FILE;
        progress_end(&self.line);
        message("ship: %s shipped", text_count(count, self.events, "event"));
        exit_code = self.exit_code;
    }
    for (size_t i = 0; i < request->count; i++)
        shipment_free(&self.stores[i]);
    free(self.stores);
    free(self.dropped);
    server_close(&self.to);
    if (!request->follow)
        interrupt_finish();
    return exit_code;
}

static const char *set_partitions(const char *value, void *target)
{
    int64_t number = 0;
    if (!options_read_number(value, strlen(value), &number) || number < 1 || number > 1024)
        return "is not a number from 1 to 1024";
    *(int64_t *)target = number;
    return NULL;
}

int cmd_ship(int argc, char **argv)
{
    ship_request request = {.partitions = 16};
    operand_list paths;
    option_spec specs[] = {
        {"to", OPTION_VALUE, option_set_text, &request.to, false},
        {"follow", OPTION_FLAG, option_set_flag, &request.follow, false},
        {"allow-older", OPTION_FLAG, option_set_flag, &request.allow_older, false},
        {"partitions", OPTION_VALUE, set_partitions, &request.partitions, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB...", NULL};
    command_line line = {"ship", specs, names, NULL};
    int exit_code = EXIT_DONE;
    if (!options_parse_list(&line, &paths, argc, argv, &exit_code))
        return exit_code;
    request.paths = paths.operands;
    request.count = paths.count;
    if (request.to == NULL)
        return message_usage("ship", "ship: --to CONNINFO is missing");
    return run(&request);
}
