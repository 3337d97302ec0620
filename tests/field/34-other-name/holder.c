/*
 * A program that keeps a store open for writing. It writes a tick at the beginning and one for each line of its input,
 * and closes the store when its input ends.
 *
 * usage: holder PATH
 */
#include <eventure/eventure.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    eventure_log *log = NULL;
    char line[16];
    if (argc != 2)
        return 2;
    eventure_status status = eventure_log_open(argv[1], NULL, &log);
    do
    {
        if (status == EVENTURE_OK)
            status = eventure_log_append(log, "holder", eventure_no_data(), NULL, NULL);
        if (status == EVENTURE_OK)
            status = eventure_log_advance_tick(log);
        puts(status == EVENTURE_OK ? "written" : eventure_log_message(log));
        fflush(stdout);
    }
    while (status == EVENTURE_OK && fgets(line, sizeof line, stdin) != NULL);
    return eventure_log_close(log) != EVENTURE_OK || status != EVENTURE_OK;
}
