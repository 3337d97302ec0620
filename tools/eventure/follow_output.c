/*
 * Following: see follow_output.h. The output is flushed before each wait, and only then is the position of a name
 * stored.
 */
#include "follow_output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <eventure/follow.h>

#include "interrupt.h"
#include "message.h"
#include "terminal.h"

/* The longest delay before a signal that arrives just before the wait, or a closed output, is noticed. */
#define LOOK_EVERY_MS 1000

typedef struct follower
{
    eventure_follower *follow;
    output_printer printer;
    bool has_name;
    bool is_over;
} follower;

/* Ends following without an error: the output is closed. */
static void end_quietly(follower *state)
{
    state->is_over = true;
    if (freopen("/dev/null", "w", stdout) == NULL)
        clearerr(stdout);
}

static bool has_reader(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = 0};
    return poll(&out, 1, 0) <= 0 || (out.revents & POLLERR) == 0;
}

static int failed(const follower *state, eventure_status status)
{
    return message_status(status, eventure_follower_message(state->follow));
}

/* Flushes the output, and stores the position. */
static int settle(follower *state)
{
    output_settle(&state->printer);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
    {
        if (errno == EPIPE)
            end_quietly(state);
        else
            state->is_over = true; /* the error is reported at the end */
        return EXIT_DONE;
    }
    eventure_status status = state->has_name ? eventure_follower_commit(state->follow) : EVENTURE_OK;
    return status == EVENTURE_OK ? EXIT_DONE : failed(state, status);
}

/* Waits for an event, after flushing the output. */
static int wait_for_event(follower *state, eventure_event *event, eventure_status *out_status)
{
    int exit_code = settle(state);
    if (exit_code != EXIT_DONE || state->is_over || interrupt_came())
    {
        state->is_over = true;
        return exit_code;
    }
    *out_status = eventure_follower_next(state->follow, LOOK_EVERY_MS, event);
    if (*out_status == EVENTURE_DONE && !has_reader())
        end_quietly(state);
    return EXIT_DONE;
}

static int print_events(follower *state, int64_t limit)
{
    int exit_code = EXIT_DONE;
    int64_t printed = 0;
    eventure_event event;
    while (exit_code == EXIT_DONE && !state->is_over && !interrupt_came() && (limit == 0 || printed < limit))
    {
        eventure_status status = eventure_follower_next(state->follow, 0, &event);
        while (status == EVENTURE_DONE && exit_code == EXIT_DONE && !state->is_over && !interrupt_came())
            exit_code = wait_for_event(state, &event, &status);
        if (status < 0)
            exit_code = failed(state, status);
        else if (status == EVENTURE_ROW)
        {
            exit_code = output_add(&state->printer, &event);
            printed++;
        }
    }
    if (exit_code == EXIT_DONE && !state->is_over)
        exit_code = settle(state);
    return exit_code;
}

int follow_events(const char *path, const eventure_filter *filter, const follow_options *options,
                  const output_options *output)
{
    eventure_follower_options what = EVENTURE_FOLLOWER_OPTIONS_INIT;
    eventure_filter unlimited = *filter;
    follower state = {.has_name = options->name != NULL};
    unlimited.limit = 0;
    what.filter = &unlimited;
    what.from_end = options->from_end;
    interrupt_catch();
    eventure_status status = eventure_follower_open(path, options->name, &what, &state.follow);
    int exit_code = EXIT_DONE;
    if (status != EVENTURE_OK)
    {
        exit_code = failed(&state, status);
        if (status == EVENTURE_ERROR_NOT_FOUND && access(path, F_OK) != 0)
            exit_code = EXIT_FILE; /* the store is missing, not an id of the filter */
        if (status == EVENTURE_ERROR_JSON)
            exit_code = EXIT_USAGE;
    }
    else
    {
        exit_code = output_begin(&state.printer, output);
        if (exit_code == EXIT_DONE)
            exit_code = print_events(&state, filter->limit);
        output_end(&state.printer);
    }
    eventure_follower_close(state.follow);
    if (interrupt_came() && exit_code == EXIT_DONE)
    {
        if (ferror(stdout)) /* events that could not be written are printed again the next time */
            end_quietly(&state);
        interrupt_forget();
    }
    return exit_code;
}
