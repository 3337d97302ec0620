/*
 * A projection's file on the command line: see projection_file.h.
 */
#include "projection_file.h"

#include "message.h"

int projection_failed(eventure_status status, const char *text)
{
    int exit_code = message_status(status, text);
    return status == EVENTURE_ERROR_ARGUMENT || status == EVENTURE_ERROR_HANDLER ? EXIT_DATA : exit_code;
}

int projection_file_open(const char *command, const char *path, eventure_projection **out_projection)
{
    *out_projection = NULL;
    if (path == NULL)
        return message_usage(command, "%s: --projection FILE is missing", command);
    eventure_status status = eventure_projection_open(path, NULL, out_projection);
    if (status == EVENTURE_OK)
        return EXIT_DONE;
    int exit_code = projection_failed(status, eventure_projection_message(*out_projection));
    eventure_projection_close(*out_projection);
    *out_projection = NULL;
    return exit_code;
}
