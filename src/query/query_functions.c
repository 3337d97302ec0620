/*
 * SQL functions of compiled filters: see query_functions.h.
 */
#include "query/query_functions.h"

#include "base/sha512.h"
#include "event/id.h"
#include "event/json.h"
#include "query/comparison.h"

static void data_equals(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const char *data = (const char *)sqlite3_value_text(values[0]);
    const char *key = (const char *)sqlite3_value_text(values[1]);
    const char *wanted = (const char *)sqlite3_value_text(values[2]);
    eventure__span member = {NULL, 0};
    if (data == NULL || key == NULL || wanted == NULL)
        return;
    if (!eventure__json_find(data, (size_t)sqlite3_value_bytes(values[0]), key, (size_t)sqlite3_value_bytes(values[1]),
                             &member))
    {
        sqlite3_result_int(context, 0);
        return;
    }
    bool failed = false;
    eventure__span value = {wanted, (size_t)sqlite3_value_bytes(values[2])};
    bool equal = eventure__json_equal(member, value, &failed);
    if (failed)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_int(context, equal);
}

static void data_holds(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const char *data = (const char *)sqlite3_value_text(values[0]);
    const char *path = (const char *)sqlite3_value_text(values[1]);
    const char *wanted = (const char *)sqlite3_value_text(values[3]);
    eventure__span found = {NULL, 0};
    bool failed = false;
    if (data == NULL || path == NULL || wanted == NULL)
        return;
    eventure__span object = {data, (size_t)sqlite3_value_bytes(values[0])};
    eventure__span value = {wanted, (size_t)sqlite3_value_bytes(values[3])};
    bool holds = eventure__json_path(object, path, (size_t)sqlite3_value_bytes(values[1]), &found) &&
                 eventure__comparison_holds(found, (eventure_comparison)sqlite3_value_int(values[2]), value, &failed);
    if (failed)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_int(context, holds);
}

static bool id_of(sqlite3_value *value, eventure__id *out)
{
    const char *id = (const char *)sqlite3_value_text(value);
    return id != NULL && eventure__id_parse(id, (size_t)sqlite3_value_bytes(value), out);
}

static void id_hash(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__id id = {0};
    const char *type = (const char *)sqlite3_value_text(values[1]);
    (void)count;
    if (!id_of(values[0], &id) && type != NULL)
        eventure__type_hash(type, (size_t)sqlite3_value_bytes(values[1]), id.hash);
    sqlite3_result_text(context, id.hash, -1, SQLITE_TRANSIENT);
}

static void id_n(sqlite3_context *context, int count, sqlite3_value **values)
{
    eventure__id id;
    (void)count;
    if (id_of(values[0], &id))
        sqlite3_result_int64(context, id.n);
}

eventure_status eventure__query_functions_add(eventure__store *store)
{
    /* Direct only: an untrusted schema cannot call them. */
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    if (store->has_query_functions)
        return EVENTURE_OK;
    if (sqlite3_create_function_v2(store->db, EVENTURE__DATA_EQUALS, 3, flags, NULL, data_equals, NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_create_function_v2(store->db, EVENTURE__DATA_HOLDS, 4, flags, NULL, data_holds, NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_create_function_v2(store->db, EVENTURE__ID_HASH, 2, flags, NULL, id_hash, NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_create_function_v2(store->db, EVENTURE__ID_N, 1, flags, NULL, id_n, NULL, NULL, NULL) != SQLITE_OK)
        return eventure__store_fail(store, "add SQL functions");
    store->has_query_functions = true;
    return EVENTURE_OK;
}
