/*
 * A projection at a tick: a reducer whose state is a database in memory.
 *
 * The saved state is the image of that database. Equal histories give equal images, whether all events were applied at
 * once or after a snapshot: see docs/decisions. Three fields of the image's header contain write counters and the
 * SQLite version; they are set to fixed values.
 */
#include "projection/projection.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hex.h"
#include "base/options.h"
#include "base/sha512.h"

#define DEFAULT_MAX_SETUP_STEPS 50000000
#define DEFAULT_MAX_EVENT_STEPS 10000000
#define DEFAULT_MAX_BYTES ((int64_t)1024 * 1024 * 1024)

/* Offsets in the header of an SQLite database: https://sqlite.org/fileformat2.html#the_database_header */
#define HEADER_BYTES 100
#define CHANGE_COUNTER 24
#define VERSION_VALID_FOR 92
#define SQLITE_VERSION_AT 96

/* --- The reducer --- */

static eventure_status begin_when_needed(eventure_projection *self)
{
    if (self->in_transaction)
        return EVENTURE_OK;
    eventure_status status = eventure__engine_run(&self->engine, "BEGIN", "begin");
    self->in_transaction = status == EVENTURE_OK;
    return status;
}

static eventure_status settle(eventure_projection *self)
{
    if (!self->in_transaction)
        return EVENTURE_OK;
    self->in_transaction = false;
    return eventure__engine_run(&self->engine, "COMMIT", "commit");
}

static eventure_status open_empty(eventure_projection *self)
{
    eventure__engine_close(&self->engine);
    self->in_transaction = false;
    return eventure__engine_open(&self->engine, NULL, NULL);
}

static int reset(void *context)
{
    eventure_projection *self = context;
    eventure_status status = open_empty(self);
    if (status == EVENTURE_OK)
        status = begin_when_needed(self);
    if (status == EVENTURE_OK)
        status = eventure__engine_setup(&self->engine);
    if (status == EVENTURE_OK)
        status = settle(self);
    if (status == EVENTURE_OK)
        status = eventure__engine_prepare(&self->engine);
    return status;
}

static int apply(const eventure_event *event, void *context)
{
    eventure_projection *self = context;
    eventure_status status = begin_when_needed(self);
    return status == EVENTURE_OK ? eventure__engine_apply(&self->engine, event) : status;
}

static void put_number(unsigned char *out, uint32_t value)
{
    out[0] = (unsigned char)(value >> 24);
    out[1] = (unsigned char)(value >> 16);
    out[2] = (unsigned char)(value >> 8);
    out[3] = (unsigned char)value;
}

static int save(eventure_write_fn write, void *sink, void *context)
{
    eventure_projection *self = context;
    unsigned char header[HEADER_BYTES];
    sqlite3_int64 len = 0;
    eventure_status status = settle(self);
    if (status != EVENTURE_OK)
        return status;
    const unsigned char *image = sqlite3_serialize(self->engine.db, "main", &len, SQLITE_SERIALIZE_NOCOPY);
    if (len < HEADER_BYTES || image == NULL)
        return len <= 0 ? 0 : eventure__engine_fail(&self->engine, "take the image");
    memcpy(header, image, sizeof header);
    put_number(header + CHANGE_COUNTER, 1);
    put_number(header + VERSION_VALID_FOR, 1);
    put_number(header + SQLITE_VERSION_AT, (uint32_t)sqlite3_libversion_number());
    int result = write(header, sizeof header, sink);
    return result == 0 ? write(image + sizeof header, (size_t)len - sizeof header, sink) : result;
}

static int load(const void *bytes, size_t len, void *context)
{
    eventure_projection *self = context;
    eventure_status status = open_empty(self);
    if (status != EVENTURE_OK || len == 0)
        return status == EVENTURE_OK ? eventure__engine_prepare(&self->engine) : status;
    if ((int64_t)len > self->engine.options.max_bytes)
        return eventure__fail(&self->error, EVENTURE_ERROR_LIMIT, "%s: an image of %zu bytes exceeds max_bytes (%lld)",
                              self->file.name, len, (long long)self->engine.options.max_bytes);
    unsigned char *copy = sqlite3_malloc64(len);
    if (copy == NULL)
        return eventure__fail(&self->error, EVENTURE_ERROR_MEMORY, "%s: out of memory for the image", self->file.name);
    memcpy(copy, bytes, len);
    unsigned flags =
        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE; /* SQLite frees the copy, also on error */
    int code = sqlite3_deserialize(self->engine.db, "main", copy, (sqlite3_int64)len, (sqlite3_int64)len, flags);
    if (code == SQLITE_NOMEM) /* the connection has no error then */
        return eventure__fail(&self->error, EVENTURE_ERROR_MEMORY, "%s: out of memory for the image", self->file.name);
    if (code != SQLITE_OK)
        return eventure__engine_fail(&self->engine, "load an image");
    status =
        eventure__engine_run(&self->engine, "PRAGMA journal_mode = MEMORY; PRAGMA secure_delete = ON;", "configure");
    if (status == EVENTURE_OK)
        status = eventure__engine_limit(&self->engine);
    return status == EVENTURE_OK ? eventure__engine_prepare(&self->engine) : status;
}

static const char *message(void *context)
{
    const eventure_projection *self = context;
    return self->error.text;
}

/* --- Opening --- */

static eventure_status take_options(eventure_projection *self, const eventure_projection_options *given)
{
    eventure_projection_options *options = &self->engine.options;
    eventure_status status = EVENTURE__TAKE(given, options, eventure_projection_options, "projection", &self->error);
    if (status != EVENTURE_OK)
        return status;
    if (options->max_setup_steps == 0)
        options->max_setup_steps = DEFAULT_MAX_SETUP_STEPS;
    if (options->max_event_steps == 0)
        options->max_event_steps = DEFAULT_MAX_EVENT_STEPS;
    if (options->max_bytes == 0)
        options->max_bytes = DEFAULT_MAX_BYTES;
    const eventure__option_range limits[] = {{"max_setup_steps", options->max_setup_steps, 0, INT64_MAX},
                                             {"max_event_steps", options->max_event_steps, 0, INT64_MAX},
                                             {"max_bytes", options->max_bytes, 0, INT64_MAX}};
    return eventure__options_check(limits, sizeof limits / sizeof *limits, "projection", &self->error);
}

/* Computes the digest of the file and the version of the reducer, which includes the version of SQLite. */
static void take_digests(eventure_projection *self)
{
    uint8_t bytes[EVENTURE__DIGEST_BYTES];
    eventure__digest digest;
    eventure__digest_begin(&digest);
    eventure__digest_add_int(&digest, EVENTURE__PROJECTION_RULES);
    eventure__digest_add_text(&digest, self->file.text, self->file.text_len);
    eventure__digest_peek(&digest, bytes);
    eventure__format_hex(self->digest, bytes, sizeof bytes);
    eventure__digest_add_text(&digest, sqlite3_sourceid(), strlen(sqlite3_sourceid()));
    eventure__digest_peek(&digest, bytes);
    uint64_t version = 0;
    for (size_t i = 0; i < 8; i++)
        version = version << 8 | bytes[i];
    self->reducer.version = (int64_t)(version >> 1);
}

/* Sets the name: the file name without its folder and `.sql`. */
static eventure_status take_name(eventure_projection *self)
{
    const char *slash = strrchr(self->file.name, '/');
    const char *base = slash != NULL ? slash + 1 : self->file.name;
    size_t len = strlen(base);
    if (len > 4 && strcmp(base + len - 4, ".sql") == 0)
        len -= 4;
    self->name = malloc(len + 1);
    if (self->name == NULL)
        return eventure__fail(&self->error, EVENTURE_ERROR_MEMORY, "projection: out of memory");
    memcpy(self->name, base, len);
    self->name[len] = '\0';
    return EVENTURE_OK;
}

static eventure_projection *make(const eventure_projection_options *options)
{
    eventure_projection *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->engine.file = &self->file;
    self->engine.error = &self->error;
    take_options(self, options);
    return self;
}

/* Completes opening after the file was parsed. */
static eventure_status finish(eventure_projection *self)
{
    eventure_status status = take_name(self);
    if (status != EVENTURE_OK)
        return status;
    take_digests(self);
    self->engine.label = self->file.name;
    self->reducer.size = sizeof self->reducer;
    self->reducer.name = self->name;
    self->reducer.reset = reset;
    self->reducer.apply = apply;
    self->reducer.save = save;
    self->reducer.load = load;
    self->reducer.message = message;
    status = reset(self); /* checks that the statements can be prepared */
    self->is_open = status == EVENTURE_OK;
    return status;
}

/* Hands a projection out whose opening has ended so; on error its text becomes that of the thread. */
static eventure_status hand_out(eventure_projection *self, eventure_status status, eventure_projection **out_projection)
{
    if (status == EVENTURE_OK)
        *out_projection = self;
    else
    {
        eventure__error kept = self->error;
        eventure_projection_close(self);
        eventure__set_last_error(&kept);
    }
    return status;
}

eventure_status eventure_projection_open(const char *path, const eventure_projection_options *options,
                                         eventure_projection **out_projection)
{
    if (out_projection == NULL)
        return eventure__fail_argument(__func__);
    *out_projection = NULL;
    eventure_projection *self = make(options);
    if (self == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "open a projection: out of memory");
    eventure_status status = self->error.status;
    if (status == EVENTURE_OK && path == NULL)
        status = eventure__fail(&self->error, EVENTURE_ERROR_ARGUMENT, "open a projection: no path was given");
    if (status == EVENTURE_OK)
        status = eventure__file_read(&self->file, path, &self->error);
    return hand_out(self, status == EVENTURE_OK ? finish(self) : status, out_projection);
}

eventure_status eventure_projection_parse(const char *name, const char *text, size_t text_len,
                                          const eventure_projection_options *options,
                                          eventure_projection **out_projection)
{
    if (out_projection == NULL)
        return eventure__fail_argument(__func__);
    *out_projection = NULL;
    eventure_projection *self = make(options);
    if (self == NULL)
        return eventure__fail(NULL, EVENTURE_ERROR_MEMORY, "open a projection: out of memory");
    eventure_status status = self->error.status;
    if (status == EVENTURE_OK && (name == NULL || text == NULL))
        status = eventure__fail(&self->error, EVENTURE_ERROR_ARGUMENT, "open a projection: no %s was given",
                                name == NULL ? "name" : "text");
    if (status == EVENTURE_OK)
        status = eventure__file_parse(&self->file, name, text, text_len, &self->error);
    return hand_out(self, status == EVENTURE_OK ? finish(self) : status, out_projection);
}

void eventure_projection_close(eventure_projection *projection)
{
    if (projection == NULL)
        return;
    eventure__engine_close(&projection->engine);
    eventure__file_free(&projection->file);
    free(projection->name);
    free(projection);
}

const char *eventure_projection_message(const eventure_projection *projection)
{
    return projection != NULL ? projection->error.text : eventure_last_message();
}

const eventure_reducer *eventure_projection_reducer(const eventure_projection *projection)
{
    return projection != NULL && projection->is_open ? &projection->reducer : NULL;
}

/* --- The image --- */

static int write_to_buffer(const void *bytes, size_t len, void *sink)
{
    eventure__buffer *out = sink;
    eventure__buffer_append(out, bytes, len);
    return out->failed ? EVENTURE_ERROR_MEMORY : 0;
}

eventure_status eventure_projection_image(eventure_projection *projection, void **out_bytes, size_t *out_len)
{
    eventure__buffer image = {0};
    if (out_bytes == NULL || out_len == NULL)
        return eventure__fail_argument(__func__);
    *out_bytes = NULL;
    *out_len = 0;
    if (projection == NULL || !projection->is_open)
        return eventure__fail_argument(__func__);
    eventure_status status = save(write_to_buffer, &image, projection);
    if (status == EVENTURE_OK)
    {
        *out_len = image.len;
        *out_bytes = eventure__buffer_take(&image);
    }
    if (status == EVENTURE_ERROR_MEMORY || (status == EVENTURE_OK && *out_bytes == NULL))
        status = eventure__fail(&projection->error, EVENTURE_ERROR_MEMORY, "%s: out of memory for the image",
                                projection->file.name);
    eventure__buffer_free(&image);
    return status;
}

void eventure_projection_options_init(eventure_projection_options *options, size_t size)
{
    eventure__options_init(options, size);
}
