/*
 * The entry point of eventure.so, in a host that loads it. SQLite finds it by the name of the file.
 */
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
