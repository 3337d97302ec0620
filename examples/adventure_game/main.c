/*
 * adventure_game: a small adventure at the terminal.
 *
 * adventure_game STORE [--seed N] [--script FILE]
 *
 * Stopped at any moment, even killed, and started again, it continues at the same position. When the lines are read
 * from a file or a pipe they are printed, so that the output looks as on a terminal; lines that begin with # are left
 * out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "game.h"

typedef struct arguments
{
    const char *store;
    const char *script; /* NULL: standard input */
    int64_t seed;       /* -1: none given */
} arguments;

static bool read_seed(const char *text, int64_t *out)
{
    char *end = NULL;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= 0;
}

static bool read_arguments(int argc, char **argv, arguments *out)
{
    *out = (arguments){NULL, NULL, -1};
    for (int i = 1; i < argc; i++)
    {
        if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
        {
            if (!read_seed(argv[++i], &out->seed))
                return false;
        }
        else if (strcmp(argv[i], "--script") == 0 && i + 1 < argc)
            out->script = argv[++i];
        else if (argv[i][0] == '-' || out->store != NULL)
            return false;
        else
            out->store = argv[i];
    }
    return out->store != NULL && *out->store != '\0';
}

/* Reads one line without its end, and without blanks around it. A line that is too long, or is not text, is unreadable,
   and the rest of it is skipped. Returns false at the end of the input. */
static bool read_line(FILE *input, char *line, bool *out_is_readable)
{
    size_t len = 0;
    int c = 0;
    *out_is_readable = true;
    while ((c = getc(input)) != EOF && c != '\n')
    {
        if (c == '\r' || c == '\t')
            c = ' ';
        if (len == 0 && c == ' ')
            continue;
        bool is_control = c < ' ' || c == 0x7F || (c >= 0x80 && c < 0xA0 && len > 0 && line[len - 1] == '\xC2');
        if (len == LINE_BYTES || is_control)
            *out_is_readable = false;
        else
            line[len++] = (char)c;
    }
    if (c == EOF && len == 0)
        return false;
    while (len > 0 && line[len - 1] == ' ')
        len--;
    line[len] = '\0';
    return true;
}

static eventure_status play(adventure *game, FILE *input, bool is_typed)
{
    eventure_status status = EVENTURE_OK;
    char line[LINE_BYTES + 1];
    bool is_readable = true;
    while (status == EVENTURE_OK && !game->has_left)
    {
        if (is_typed)
            printf("\n> ");
        fflush(stdout);
        if (!read_line(input, line, &is_readable))
            break;
        if (is_readable && (*line == '\0' || *line == '#'))
            continue;
        if (!is_typed)
            say(&game->screen, TITLE, "\n> %s", is_readable ? line : "(...)");
        if (!is_readable)
            say(&game->screen, FAINT, "Nobody here can read that: say it shorter, and in plain letters.");
        else
            status = game_play(game, line);
    }
    return status;
}

int main(int argc, char **argv)
{
    arguments given;
    if (!read_arguments(argc, argv, &given))
    {
        fprintf(stderr, "usage: adventure_game STORE [--seed N] [--script FILE]\n");
        return 2;
    }
    FILE *input = given.script != NULL ? fopen(given.script, "r") : stdin;
    if (input == NULL)
    {
        fprintf(stderr, "adventure_game: %s: %s\n", given.script, strerror(errno));
        return 1;
    }
    bool is_typed = given.script == NULL && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    adventure game;
    eventure_status status = game_open(&game, given.store, given.seed);
    if (status == EVENTURE_OK)
        status = play(&game, input, is_typed);
    if (status != EVENTURE_OK)
        fprintf(stderr, "adventure_game: %s: %s\n", given.store, eventure_last_message());
    if (game_close(&game) != EVENTURE_OK && status == EVENTURE_OK)
    {
        fprintf(stderr, "adventure_game: %s: the last move could not be kept\n", given.store);
        status = EVENTURE_ERROR_IO;
    }
    if (given.script != NULL)
        fclose(input);
    return status == EVENTURE_OK && fflush(stdout) == 0 ? 0 : 1;
}
