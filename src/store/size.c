/*
 * The limit of the file's size: see size.h.
 */
#include "store/size.h"

#define LOOK "look at the size of the file"

static eventure_status count_pages(eventure__store *store, int64_t *out)
{
    return eventure__store_ask_int(store, LOOK, "PRAGMA page_count", out);
}

static eventure_status look_up_page_bytes(eventure__store *store)
{
    return store->page_bytes != 0 ? EVENTURE_OK
                                  : eventure__store_ask_int(store, LOOK, "PRAGMA page_size", &store->page_bytes);
}

eventure_status eventure__store_most_rows(eventure__store *store, int64_t *out)
{
    int64_t pages = 0;
    eventure_status status = look_up_page_bytes(store);
    if (status == EVENTURE_OK)
        status = count_pages(store, &pages);
    *out = pages * (store->page_bytes / EVENTURE__ROW_LEAST_BYTES);
    return status;
}

eventure_status eventure__store_limit_size(eventure__store *store, int64_t max_file_bytes, bool is_new)
{
    int64_t pages = 0;
    if (max_file_bytes == 0)
        return EVENTURE_OK;
    eventure_status status = look_up_page_bytes(store);
    if (status == EVENTURE_OK)
        status = count_pages(store, &pages);
    if (status != EVENTURE_OK)
        return status;
    store->max_file_bytes = max_file_bytes;
    store->max_pages = max_file_bytes / store->page_bytes;
    if (!is_new && pages > store->max_pages)
        store->max_pages = pages;
    return EVENTURE_OK;
}

eventure_status eventure__store_check_size(eventure__store *store)
{
    int64_t pages = 0;
    if (store->max_file_bytes == 0)
        return EVENTURE_OK;
    eventure_status status = count_pages(store, &pages);
    if (status != EVENTURE_OK || pages <= store->max_pages)
        return status;
    return eventure__fail(&store->error, EVENTURE_ERROR_LIMIT,
                          "%s would have %lld bytes; the limit max_file_bytes is %lld", store->path,
                          (long long)(pages * store->page_bytes), (long long)store->max_file_bytes);
}
