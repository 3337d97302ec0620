/*
 * The entry points of eventure.so, in a host that loads it. SQLite finds the first one by the name of the file. The
 * other one is for `eventure shell`: it also takes away what the sqlite3 shell has, in its safe mode too, for changing
 * files.
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
