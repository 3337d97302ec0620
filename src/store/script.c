/*
 * Running one script of the schema: see script.h.
 */
#include "store/script.h"

#include <string.h>

#include "base/assertion.h"
#include "embedded_sql.h"

static const eventure__sql *find_script(const eventure__sql *scripts, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(scripts[i].name, name) == 0)
            return &scripts[i];
    return NULL;
}

eventure_status eventure__script_run(eventure__store *store, const char *name)
{
    const eventure__sql *script = find_script(eventure__tables, eventure__tables_count, name);
    if (script == NULL)
        script = find_script(eventure__views, eventure__views_count, name);
    assert(script != NULL);
    return eventure__store_exec(store, script->text, script->name);
}
