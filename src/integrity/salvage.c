/*
 * Salvage: see salvage.h. It first copies the rows that SQLite can still read, which are those of the newest commit.
 * Then it reads each page of the file: a leaf of a table contains complete rows, independent of the pages above it. A
 * row of a leaf is copied when it has the columns of `events` or `tick`, and when its key has no row yet. A free page
 * may contain old rows too; the digests check them like all others.
 */
#include "integrity/salvage.h"

#include <stdlib.h>
#include <string.h>

#include "base/sha512.h"
#include "store/archived.h"

/* First byte of a leaf page of a table. */
#define TABLE_LEAF 0x0D

#define HEADER_BYTES 100
#define LEAF_HEADER_BYTES 8
#define MOST_COLUMNS 8

/* Limit for reading one page as the continuation of a row: old copies of a row may exist, and in a malicious file
 * every row may refer to the same pages. */
#define MOST_USES 4

typedef struct column
{
    uint64_t type; /* SQLite's serial type */
    const unsigned char *bytes;
    size_t len;
} column;

typedef struct salvage
{
    eventure__store *store; /* the damaged store */
    eventure__store *to;
    sqlite3_file *file;
    unsigned char *page;
    unsigned char *overflow;
    unsigned char *uses; /* for each page: number of reads as a continuation */
    int64_t page_bytes;
    int64_t usable_bytes; /* bytes of one page */
    int64_t pages;
    int64_t cut_seq;
    eventure__buffer row;
    sqlite3_stmt *insert_event;
    sqlite3_stmt *insert_tick;
} salvage;

static const char insert_event_sql[] = "INSERT OR IGNORE INTO events (seq, id, tick, timestamp, type, parent_seq, "
                                       "parent_id, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
static const char insert_tick_sql[] = "INSERT OR IGNORE INTO tick (tick, first_seq, last_seq, sealed, run_digest, "
                                      "full_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

static bool is_damage(int code)
{
    switch (code & 0xFF)
    {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: /* the table or index does not exist */
        return true;
    default:
        return code == SQLITE_IOERR_SHORT_READ;
    }
}

/* Whether the error means that a row violates the constraints of its table. */
static bool is_unfit(int code)
{
    return (code & 0xFF) == SQLITE_CONSTRAINT || (code & 0xFF) == SQLITE_MISMATCH;
}

static eventure_status fail_memory(eventure__store *store)
{
    return eventure__fail(&store->error, EVENTURE_ERROR_MEMORY, "read %s: out of memory", store->path);
}

/* --- Rows that SQLite can read --- */

/* Copies the rows with a key above *key until a row cannot be read; *key is then that of the last row. A corrupt tree
 * can return keys in disorder: one that does not ascend ends the stretch, so that the caller always makes progress. */
static eventure_status copy_stretch(salvage *work, const char *sql, sqlite3_stmt *insert, int64_t *key, bool *out_ended)
{
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(work->store->db, sql, -1, &row, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(row, 1, *key);
    while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW)
    {
        int64_t next = sqlite3_column_int64(row, 0);
        if (next <= *key)
        {
            code = SQLITE_CORRUPT;
            break;
        }
        *key = next;
        code = insert != NULL ? eventure__sqlite_bind_row(insert, row, sqlite3_column_count(row)) : SQLITE_OK;
        if (insert != NULL && code == SQLITE_OK && sqlite3_step(insert) != SQLITE_DONE)
            code = sqlite3_reset(insert);
        sqlite3_reset(insert);
        if (code != SQLITE_OK && !is_unfit(code)) /* the error is that of the new store, not of the damaged one */
        {
            sqlite3_finalize(row);
            return eventure__store_fail(work->to, "store a row");
        }
        code = SQLITE_OK;
    }
    *out_ended = code == SQLITE_DONE;
    eventure_status status =
        code == SQLITE_DONE || is_damage(code) ? EVENTURE_OK : eventure__store_fail(work->store, "read the rows");
    sqlite3_finalize(row);
    return status;
}

/* Copies the rows. After a position at which the table cannot be read, continues behind it, in steps that double until
 * a row can be read. */
static eventure_status copy_rows(salvage *work, const char *sql, sqlite3_stmt *insert)
{
    int64_t key = -1;
    int64_t stride = 1;
    bool ended = false;
    eventure_status status = EVENTURE_OK;
    while (status == EVENTURE_OK && !ended)
    {
        int64_t from = key;
        status = copy_stretch(work, sql, insert, &key, &ended);
        stride = key > from ? 1 : stride < INT64_MAX / 2 ? stride * 2 : INT64_MAX;
        if (key > INT64_MAX - stride)
            break;
        key += stride;
    }
    return status;
}

/* --- Rows on pages --- */

/* Reads a varint of SQLite: 7 bits in each byte, 8 in the ninth. Returns its length; 0 when it exceeds the end. */
static size_t read_varint(const unsigned char *bytes, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < 9 && i < len; i++)
    {
        if (i == 8)
            value = (value << 8) | bytes[i];
        else
            value = (value << 7) | (bytes[i] & 0x7F);
        if (i == 8 || (bytes[i] & 0x80) == 0)
        {
            *out = value;
            return i + 1;
        }
    }
    return 0;
}

/* Returns the length of a column of this serial type of SQLite's record format, limited so that sums do not overflow.
 */
static size_t length_of(uint64_t type)
{
    static const unsigned char lengths[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    if (type < sizeof lengths)
        return lengths[type];
    return type / 2 - 6 < SIZE_MAX / 4 ? (size_t)(type / 2 - 6) : SIZE_MAX / 4;
}

/* Reads the header of a row, and finds its columns. Returns their number; 0 when it is not a row, or has more
 * than MOST_COLUMNS columns. */
static size_t read_columns(const unsigned char *row, size_t len, column columns[MOST_COLUMNS])
{
    uint64_t header = 0;
    size_t count = 0;
    size_t at = read_varint(row, len, &header);
    if (at == 0 || header > len)
        return 0;
    size_t body = (size_t)header;
    while (at < header)
    {
        size_t step = read_varint(row + at, (size_t)header - at, count < MOST_COLUMNS ? &columns[count].type : &header);
        if (step == 0 || count == MOST_COLUMNS)
            return 0;
        columns[count].len = length_of(columns[count].type);
        if (columns[count].len > len - body)
            return 0;
        columns[count].bytes = row + body;
        body += columns[count].len;
        at += step;
        count++;
    }
    return body == len ? count : 0;
}

static bool is_null(const column *value)
{
    return value->type == 0;
}

static bool is_int(const column *value)
{
    return (value->type >= 1 && value->type <= 6) || value->type == 8 || value->type == 9;
}

static bool is_text(const column *value)
{
    return value->type >= 13 && value->type % 2 == 1;
}

static bool is_digest(const column *value)
{
    return is_null(value) || (value->type >= 12 && value->type % 2 == 0 && value->len == EVENTURE__DIGEST_BYTES);
}

/* The key is stored beside the row, not in its columns. */
static bool is_event(const column *columns, size_t count)
{
    return count == 8 && is_null(&columns[0]) && is_text(&columns[1]) && is_int(&columns[2]) &&
           (columns[3].type == 7 || is_int(&columns[3])) && is_text(&columns[4]) &&
           (is_null(&columns[5]) || is_int(&columns[5])) && (is_null(&columns[6]) || is_text(&columns[6])) &&
           is_text(&columns[7]);
}

static bool is_tick(const column *columns, size_t count)
{
    return count == 6 && is_null(&columns[0]) && is_int(&columns[1]) && is_int(&columns[2]) && is_int(&columns[3]) &&
           is_digest(&columns[4]) && is_digest(&columns[5]);
}

static int bind_column(sqlite3_stmt *insert, int parameter, const column *value)
{
    uint64_t bits = 0;
    double number = 0;
    if (is_null(value))
        return sqlite3_bind_null(insert, parameter);
    if (value->type == 8 || value->type == 9)
        return sqlite3_bind_int64(insert, parameter, (int64_t)value->type - 8);
    if (value->type >= 12)
        return is_text(value) ? sqlite3_bind_text64(insert, parameter, (const char *)value->bytes, value->len,
                                                    SQLITE_STATIC, SQLITE_UTF8)
                              : sqlite3_bind_blob64(insert, parameter, value->bytes, value->len, SQLITE_STATIC);
    for (size_t i = 0; i < value->len; i++)
        bits = (bits << 8) | value->bytes[i];
    if (value->type == 7)
    {
        memcpy(&number, &bits, sizeof number);
        return sqlite3_bind_double(insert, parameter, number);
    }
    size_t missing = 64 - 8 * value->len;
    bool is_negative = (value->bytes[0] & 0x80) != 0;
    if (is_negative && missing > 0)
        bits |= UINT64_MAX << (64 - missing);
    return sqlite3_bind_int64(insert, parameter, (int64_t)bits);
}

static eventure_status take_row(salvage *work, int64_t key, const unsigned char *row, size_t len)
{
    column columns[MOST_COLUMNS];
    size_t count = read_columns(row, len, columns);
    sqlite3_stmt *insert = NULL;
    if (is_event(columns, count) && key > work->cut_seq)
        insert = work->insert_event;
    else if (is_tick(columns, count) && key >= 0)
        insert = work->insert_tick;
    if (insert == NULL)
        return EVENTURE_OK;
    int code = sqlite3_bind_int64(insert, 1, key);
    for (size_t i = 1; i < count && code == SQLITE_OK; i++)
        code = bind_column(insert, (int)i + 1, &columns[i]);
    if (code == SQLITE_OK && (code = sqlite3_step(insert)) == SQLITE_DONE)
        code = SQLITE_OK;
    eventure_status status =
        code == SQLITE_OK || is_unfit(code) ? EVENTURE_OK : eventure__store_fail(work->to, "store a row");
    sqlite3_reset(insert);
    sqlite3_clear_bindings(insert);
    return status;
}

/* Reads a page; false when the file does not contain it. */
static bool read_page(salvage *work, int64_t number, unsigned char *out)
{
    return number >= 1 && number <= work->pages &&
           work->file->pMethods->xRead(work->file, out, (int)work->page_bytes, (number - 1) * work->page_bytes) ==
               SQLITE_OK;
}

/* Assembles a row of `len` bytes, whose first `local` bytes are given; the number of its next page follows them.
 * False when the row is incomplete. */
static bool gather_row(salvage *work, const unsigned char *at, size_t local, uint64_t len)
{
    eventure__buffer_clear(&work->row);
    eventure__buffer_append(&work->row, (const char *)at, local);
    at += local;
    while (work->row.len < len)
    {
        int64_t next = (int64_t)at[0] << 24 | (int64_t)at[1] << 16 | (int64_t)at[2] << 8 | at[3];
        uint64_t more = len - work->row.len;
        if (next < 1 || next > work->pages || work->uses[next - 1] >= MOST_USES ||
            !read_page(work, next, work->overflow))
            return false;
        work->uses[next - 1]++;
        if (more > (uint64_t)work->usable_bytes - 4)
            more = (uint64_t)work->usable_bytes - 4;
        eventure__buffer_append(&work->row, (const char *)work->overflow + 4, (size_t)more);
        if (work->row.failed)
            return false;
        at = work->overflow;
    }
    return !work->row.failed;
}

/* Returns how many bytes of a row are on the leaf itself: SQLite's file format, "B-tree pages". */
static size_t local_bytes(const salvage *work, uint64_t len)
{
    uint64_t usable = (uint64_t)work->usable_bytes;
    uint64_t most = usable - 35;
    uint64_t least = (usable - 12) * 32 / 255 - 23;
    uint64_t fitting = least + (len - least) % (usable - 4);
    if (len <= most)
        return (size_t)len;
    return (size_t)(fitting <= most ? fitting : least);
}

/* Copies the row that begins at an offset of the page. */
static eventure_status take_cell(salvage *work, size_t offset)
{
    const unsigned char *at = work->page + offset;
    size_t left = (size_t)work->usable_bytes - offset;
    uint64_t len = 0;
    uint64_t key = 0;
    size_t step = read_varint(at, left, &len);
    if (step == 0 || len > (uint64_t)(work->pages * work->page_bytes))
        return EVENTURE_OK;
    at += step;
    left -= step;
    step = read_varint(at, left, &key);
    at += step;
    left -= step;
    size_t local = local_bytes(work, len);
    if (step == 0 || local + (local < len ? 4 : 0) > left)
        return EVENTURE_OK;
    if (local == len)
        return take_row(work, (int64_t)key, at, local);
    if (!gather_row(work, at, local, len))
        return work->row.failed ? fail_memory(work->store) : EVENTURE_OK;
    return take_row(work, (int64_t)key, (const unsigned char *)work->row.bytes, work->row.len);
}

static eventure_status take_page(salvage *work, int64_t number)
{
    eventure_status status = EVENTURE_OK;
    if (!read_page(work, number, work->page) || work->page[0] != TABLE_LEAF)
        return EVENTURE_OK;
    size_t cells = (size_t)work->page[3] << 8 | work->page[4];
    size_t end = LEAF_HEADER_BYTES + 2 * cells;
    for (size_t i = 0; i < cells && end <= (size_t)work->usable_bytes && status == EVENTURE_OK; i++)
    {
        const unsigned char *pointer = work->page + LEAF_HEADER_BYTES + 2 * i;
        size_t offset = (size_t)pointer[0] << 8 | pointer[1];
        if (offset >= end && offset < (size_t)work->usable_bytes)
            status = take_cell(work, offset);
    }
    return status;
}

/* --- The complete salvage --- */

/* Reads the size and number of pages from the file's header; when they are invalid, assumes SQLite's default page
 * size. */
static eventure_status measure(salvage *work)
{
    unsigned char header[HEADER_BYTES] = {0};
    sqlite3_int64 bytes = 0;
    int code = work->file->pMethods->xFileSize(work->file, &bytes);
    if (code == SQLITE_OK && bytes >= HEADER_BYTES)
        code = work->file->pMethods->xRead(work->file, header, sizeof header, 0);
    if (code != SQLITE_OK)
        return eventure__fail(&work->store->error, EVENTURE_ERROR_IO, "read %s: the disk failed", work->store->path);
    work->page_bytes = (int64_t)header[16] << 8 | header[17];
    work->page_bytes = work->page_bytes == 1 ? 65536 : work->page_bytes;
    if (work->page_bytes < 512 || (work->page_bytes & (work->page_bytes - 1)) != 0)
        work->page_bytes = 4096;
    work->usable_bytes = work->page_bytes - header[20];
    if (work->usable_bytes < 480)
        work->usable_bytes = work->page_bytes;
    work->pages = bytes / work->page_bytes;
    work->page = malloc((size_t)work->page_bytes);
    work->overflow = malloc((size_t)work->page_bytes);
    work->uses = calloc((size_t)work->pages + 1, 1);
    return work->page != NULL && work->overflow != NULL && work->uses != NULL ? EVENTURE_OK : fail_memory(work->store);
}

static eventure_status take_pages(salvage *work)
{
    if (sqlite3_file_control(work->store->db, "main", SQLITE_FCNTL_FILE_POINTER, &work->file) != SQLITE_OK ||
        work->file == NULL || work->file->pMethods == NULL)
        return EVENTURE_OK;
    eventure_status status = measure(work);
    for (int64_t number = 2; number <= work->pages && status == EVENTURE_OK; number++)
        status = take_page(work, number);
    return status;
}

/* Copies the small tables as far as they can be read: the identity of the store, and its archives. */
static eventure_status take_tables(salvage *work)
{
    static const char *const tables[][2] = {
        {"SELECT id, uuid, created, current_tick, digests, foreign_ids FROM main.store WHERE id > ?1",
         "INSERT OR IGNORE INTO store (id, uuid, created, current_tick, digests, foreign_ids) "
         "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
        {"SELECT before_tick, last_seq, run_digest, full_digest, file, created FROM main.archive "
         "WHERE before_tick > ?1 ORDER BY 1",
         "INSERT OR IGNORE INTO archive (before_tick, last_seq, run_digest, full_digest, file, created) "
         "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
        {"SELECT seq, id, tick, type, parent_seq, parent_id FROM main.archived_events NOT INDEXED WHERE seq > ?1 "
         "ORDER BY 1",
         "INSERT OR IGNORE INTO archived_events (seq, id, tick, type, parent_seq, parent_id) "
         "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
    };
    eventure_status status = EVENTURE_OK;
    for (size_t i = 0; i < sizeof tables / sizeof *tables && status == EVENTURE_OK; i++)
    {
        sqlite3_stmt *insert = NULL;
        if (sqlite3_prepare_v2(work->to->db, tables[i][1], -1, &insert, NULL) != SQLITE_OK)
            return eventure__store_fail(work->to, "store a row");
        status = copy_rows(work, tables[i][0], insert);
        sqlite3_finalize(insert);
    }
    return status;
}

static eventure_status take_rows(salvage *work)
{
    static const char events[] = "SELECT seq, id, tick, timestamp, type, parent_seq, parent_id, data FROM main.events "
                                 "NOT INDEXED WHERE seq > ?1 ORDER BY seq";
    static const char ticks[] = "SELECT tick, first_seq, last_seq, sealed, run_digest, full_digest FROM main.tick "
                                "WHERE tick > ?1 ORDER BY tick";
    /* The identity of the store may be lost. The rows of `tick` show whether the store has digests. */
    static const char otherwise[] =
        "INSERT OR IGNORE INTO store (id, uuid, created, current_tick, digests, foreign_ids) "
        "SELECT 1, '', 0, 0, iif(EXISTS (SELECT 1 FROM tick WHERE run_digest IS NOT NULL), 'sha512', 'none'), 1";
    eventure__cut cut = {0, 0};
    eventure_status status = eventure__store_run(work->to, "BEGIN", "store the rows");
    if (status == EVENTURE_OK && !work->store->is_unreadable)
    {
        status = take_tables(work);
        if (status == EVENTURE_OK)
            status = eventure__store_cut(work->to, &cut);
        if (status == EVENTURE_ERROR_CORRUPT) /* a cut that is not valid is as one that is lost */
            status = EVENTURE_OK;
        work->cut_seq = cut.last_seq;
        if (status == EVENTURE_OK)
            status = copy_rows(work, events, work->insert_event);
        if (status == EVENTURE_OK)
            status = copy_rows(work, ticks, work->insert_tick);
    }
    if (status == EVENTURE_OK)
        status = take_pages(work);
    if (status == EVENTURE_OK)
        status = eventure__store_run(work->to, otherwise, "store the rows");
    return status == EVENTURE_OK ? eventure__store_run(work->to, "COMMIT", "store the rows") : status;
}

/* Checks that the file contained a row of a store. A file that cannot be opened and contains none is not a store. */
static eventure_status check_found(salvage *work)
{
    sqlite3_stmt *row = NULL;
    if (!work->store->is_unreadable)
        return EVENTURE_OK;
    if (sqlite3_prepare_v2(work->to->db, "SELECT 1 FROM events LIMIT 1", -1, &row, NULL) != SQLITE_OK)
        return eventure__store_fail(work->to, "look for events");
    int step = sqlite3_step(row);
    sqlite3_finalize(row);
    if (step == SQLITE_ROW)
        return EVENTURE_OK;
    work->to->error = work->store->opening_error;
    return work->to->error.status;
}

static eventure_status fill(salvage *work)
{
    if (sqlite3_prepare_v2(work->to->db, insert_event_sql, -1, &work->insert_event, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(work->to->db, insert_tick_sql, -1, &work->insert_tick, NULL) != SQLITE_OK)
        return eventure__store_fail(work->to, "make a temporary store for the rows");
    eventure_status status = take_rows(work);
    return status == EVENTURE_OK ? check_found(work) : status;
}

eventure_status eventure__salvage(eventure__store *store, eventure__store **out_salvaged)
{
    salvage work = {.store = store};
    eventure_status status = eventure__store_open_scratch(store->path, &work.to);
    if (work.to == NULL)
        return fail_memory(store);
    if (status == EVENTURE_OK)
        status = fill(&work);
    sqlite3_finalize(work.insert_event);
    sqlite3_finalize(work.insert_tick);
    eventure__buffer_free(&work.row);
    free(work.page);
    free(work.overflow);
    free(work.uses);
    *out_salvaged = work.to;
    if (status == EVENTURE_OK)
        return EVENTURE_OK;
    if (work.to->error.status != EVENTURE_OK)
        store->error = work.to->error;
    eventure__store_close(work.to);
    *out_salvaged = NULL;
    return status;
}

/* Reads every page of both tables, except overflow pages of long rows: damage there affects one tick only. */
eventure_status eventure__salvage_needed(eventure__store *store, bool *out_needed)
{
    static const char *const queries[] = {"SELECT max(+seq) FROM main.events NOT INDEXED WHERE seq > ?1",
                                          "SELECT max(+tick) FROM main.tick WHERE tick > ?1"};
    salvage work = {.store = store};
    eventure_status status = EVENTURE_OK;
    *out_needed = store->missing_pages > 0 || store->is_unreadable;
    for (size_t i = 0; i < 2 && status == EVENTURE_OK && !*out_needed; i++)
    {
        bool ended = false;
        int64_t key = -1;
        status = copy_stretch(&work, queries[i], NULL, &key, &ended);
        *out_needed = !ended;
    }
    return status;
}
