/*
 * eventure check: whether a run has the history that is expected, for regression tests.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <eventure/integrity.h>

#include "command_options.h"
#include "commands.h"
#include "difference_output.h"
#include "message.h"
#include "store_file.h"
#include "text.h"

#define DIGEST_CHARS 64

typedef struct check
{
    const char *expect;
    int64_t tick;
    bool quiet, github, json;
    difference_side actual, golden;  /* golden.reader: NULL when a digest is expected */
    eventure_digests digests;        /* of the run that is checked */
    char expected[DIGEST_CHARS + 1]; /* the digest that is expected, in lower case */
    eventure_difference difference;  /* from a golden store */
    bool is_equal;
} check;

static bool is_digest(const char *text)
{
    return strlen(text) == DIGEST_CHARS && strspn(text, "0123456789abcdefABCDEF") == DIGEST_CHARS;
}

static int read_digests(const check *self, const difference_side *side, eventure_digests *out)
{
    eventure_status status = eventure_store_digest(side->reader, self->tick, out);
    return status == EVENTURE_OK ? EXIT_DONE : message_status(status, eventure_reader_message(side->reader));
}

static int compare_with_digest(check *self)
{
    for (int i = 0; i < DIGEST_CHARS; i++)
        self->expected[i] = (char)tolower((unsigned char)self->expect[i]);
    self->is_equal = strcmp(self->expected, self->digests.run) == 0 || strcmp(self->expected, self->digests.full) == 0;
    return EXIT_DONE;
}

/* Equal digests are equal histories up to the tick; otherwise the first difference is not after it. */
static int compare_with_store(check *self)
{
    eventure_digests digests;
    int exit_code = store_open_reader(self->golden.path, &self->golden.reader);
    if (exit_code == EXIT_DONE)
        exit_code = read_digests(self, &self->golden, &digests);
    if (exit_code != EXIT_DONE)
        return exit_code;
    snprintf(self->expected, sizeof self->expected, "%s", digests.run);
    self->is_equal = strcmp(digests.run, self->digests.run) == 0;
    if (self->is_equal)
        return EXIT_DONE;
    eventure_status status = eventure_store_diff(self->golden.reader, self->actual.reader, &self->difference);
    if (status != EVENTURE_OK)
        return message_status(status, eventure_reader_message(self->golden.reader));
    self->golden.event = self->difference.left;
    self->actual.event = self->difference.right;
    return EXIT_DONE;
}

/* --- Output --- */

static int print_json(const check *self)
{
    printf("{\"equal\": %s, \"events\": %" PRId64 ", \"run\": \"%s\", \"expected\": \"%s\"",
           self->is_equal ? "true" : "false", self->digests.seq, self->digests.run, self->expected);
    int exit_code = EXIT_DONE;
    if (self->difference.differ)
    {
        fputs(", \"difference\": ", stdout);
        exit_code = difference_print(&self->difference, &self->golden, &self->actual, true);
    }
    puts("}");
    return exit_code;
}

static int print_text(const check *self)
{
    char events[COUNT_BYTES];
    if (self->is_equal)
        printf("as expected: %s\n", text_count(events, self->digests.seq, "event"));
    else if (self->difference.differ)
        return difference_print(&self->difference, &self->golden, &self->actual, false);
    else
        printf("not as expected: %s\nrun       %s\nexpected  %s\n", text_count(events, self->digests.seq, "event"),
               self->digests.run, self->expected);
    return EXIT_DONE;
}

/* Writes text into a workflow command of GitHub Actions, whose syntax reserves % and line ends, and in properties also
 * : and the comma (https://docs.github.com/actions, "Workflow commands"). */
static void write_annotation(const char *text, size_t len, bool is_property)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\033' || text[i] == '\177')
            putchar('?'); /* does not control a terminal */
        else if (text[i] == '%' || text[i] == '\r' || text[i] == '\n' ||
                 (is_property && (text[i] == ':' || text[i] == ',')))
            printf("%%%02X", (unsigned)text[i]);
        else
            putchar(text[i]);
}

static void annotate_event(const char *what, const difference_side *side)
{
    const eventure_event *event = side->event;
    printf("%%0A%s: ", what);
    if (event == NULL)
    {
        fputs("ends here", stdout);
        return;
    }
    write_annotation(event->id, strlen(event->id), false);
    putchar(' ');
    write_annotation(event->type, strlen(event->type), false);
    putchar(' ');
    write_annotation(event->data, event->data_len, false);
}

static void annotate(const check *self)
{
    if (self->is_equal)
        return;
    fputs("::error title=eventure check ", stdout);
    write_annotation(self->actual.path, strlen(self->actual.path), true);
    fputs("::the history is not the one expected: ", stdout);
    const eventure_event *first = self->golden.event != NULL ? self->golden.event : self->actual.event;
    if (first != NULL)
    {
        printf("it differs at tick %" PRId64 ", event %" PRId64, first->tick, first->seq);
        annotate_event("expected", &self->golden);
        annotate_event("found", &self->actual);
    }
    else
        printf("its run digest is %s, expected %s", self->digests.run, self->expected);
    putchar('\n');
}

/* --- The command --- */

static int run(check *self)
{
    int exit_code = store_open_reader(self->actual.path, &self->actual.reader);
    if (exit_code == EXIT_DONE)
        exit_code = read_digests(self, &self->actual, &self->digests);
    if (exit_code == EXIT_DONE)
        exit_code = is_digest(self->expect) ? compare_with_digest(self) : compare_with_store(self);
    if (exit_code == EXIT_DONE && !self->quiet)
        exit_code = self->json ? print_json(self) : print_text(self);
    if (exit_code == EXIT_DONE && self->github)
        annotate(self);
    return exit_code == EXIT_DONE && !self->is_equal ? EXIT_DATA : exit_code;
}

int cmd_check(int argc, char **argv)
{
    check self = {.tick = INT64_MAX};
    const char *operands[1];
    option_spec specs[] = {
        {"expect", OPTION_VALUE, option_set_text, &self.expect, false},
        {"tick", OPTION_VALUE, option_set_tick, &self.tick, false},
        {"quiet", OPTION_FLAG, option_set_flag, &self.quiet, false},
        {"github", OPTION_FLAG, option_set_flag, &self.github, false},
        {"format", OPTION_VALUE, option_set_text_json, &self.json, false},
        {"json", OPTION_FLAG, option_set_flag, &self.json, false},
        OPTIONS_END,
    };
    static const char *const names[] = {"DB", NULL};
    command_line line = {"check", specs, names, operands};
    int exit_code = EXIT_DONE;
    if (!options_parse(&line, argc, argv, &exit_code))
        return exit_code;
    if (self.expect == NULL)
        return message_usage("check", "check: --expect DIGEST or --expect GOLDEN is missing");
    self.actual.path = operands[0];
    self.golden.path = self.expect;
    exit_code = run(&self);
    eventure_difference_clear(&self.difference);
    eventure_reader_close(self.golden.reader);
    eventure_reader_close(self.actual.reader);
    return exit_code;
}
