/* The intended use of EVENTURE_DATA, in C and in C++, which must work. */
#include <eventure/eventure.h>
#include <stdio.h>

int main(void)
{
    eventure_log *log = NULL;
    eventure_status status = eventure_log_open("store.db", NULL, &log);
    for (int i = 0; i < 3 && status == EVENTURE_OK; i++)
        status = eventure_log_append(
            log, "item.added", EVENTURE_DATA(eventure_int("id", i + 1), eventure_string("name", "sword")), NULL, NULL);
    puts(status == EVENTURE_OK ? "ok" : "refused");
    return eventure_log_close(log) != EVENTURE_OK;
}
