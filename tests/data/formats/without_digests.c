/* Makes an empty store without digests, which the command line cannot make. */
#include <stdio.h>

#include <eventure/eventure.h>

int main(int argc, char **argv)
{
    eventure_log_options options = EVENTURE_LOG_OPTIONS_INIT;
    eventure_log *log = NULL;
    options.mode = EVENTURE_OPEN_NEW;
    options.without_digests = true;
    if (argc != 2 || eventure_log_open(argv[1], &options, &log) != EVENTURE_OK)
        return fprintf(stderr, "%s\n", log != NULL ? eventure_log_message(log) : "one operand: the store"), 1;
    return eventure_log_close(log) != EVENTURE_OK;
}
