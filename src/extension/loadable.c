/*
 * The entry points of the loadable extension eventure.so. SQLite derives the name of the first one from the file name.
 * `eventure shell` uses the second one, which also removes the functions and tables with which the sqlite3 shell can
 * change files even in its safe mode.
 */
#include <stddef.h>

#include "extension/extension.h"

SQLITE_EXTENSION_INIT1

#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
    int sqlite3_eventure_init(sqlite3 *db, char **out_message, const sqlite3_api_routines *api);

int sqlite3_eventure_init(sqlite3 *db, char **out_message, const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api)
    return eventure__extension_register(db, out_message);
}

#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
    int sqlite3_eventure_shell_init(sqlite3 *db, char **out_message, const sqlite3_api_routines *api);

int sqlite3_eventure_shell_init(sqlite3 *db, char **out_message, const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api)
    int code = eventure__extension_register(db, out_message);
    return code == SQLITE_OK ? sqlite3_create_module_v2(db, "zipfile", NULL, NULL, NULL) : code;
}
