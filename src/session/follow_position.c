/*
 * The position of a follower: see follow_position.h. docs/decisions explains why it is not stored in the store.
 */
#include "session/follow_position.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/number.h"
#include "base/path.h"
#include "base/sha512.h"
#include "store/files.h"

#define HEAD "eventure-follow 1"

/* Longer names are replaced by their digest, because file names are limited to 255 bytes including the store's name and
 * suffixes. */
#define NAME_BYTES 100

static void append_hex(eventure__buffer *out, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++)
    {
        eventure__buffer_append_char(out, digits[bytes[i] >> 4]);
        eventure__buffer_append_char(out, digits[bytes[i] & 15]);
    }
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static void append_name(eventure__buffer *out, const char *name)
{
    size_t begin = out->len;
    for (const char *c = name; *c != '\0'; c++)
    {
        if (is_plain(*c))
            eventure__buffer_append_char(out, *c);
        else
        {
            eventure__buffer_append_char(out, '%');
            append_hex(out, (const unsigned char *)c, 1);
        }
    }
    if (out->failed || out->len - begin <= NAME_BYTES)
        return;
    eventure__digest digest;
    uint8_t bytes[EVENTURE__DIGEST_BYTES];
    eventure__digest_begin(&digest);
    eventure__digest_add(&digest, name, strlen(name));
    eventure__digest_peek(&digest, bytes);
    out->len = begin;
    eventure__buffer_append_text(out, "%-"); /* no other name has this form */
    append_hex(out, bytes, sizeof bytes);
}

char *eventure__follow_position_path(const char *store_path, const char *name)
{
    eventure__buffer path = {0};
    char *store = eventure__path_absolute(store_path);
    if (store == NULL)
        return NULL;
    eventure__buffer_append_text(&path, store);
    eventure__buffer_append_text(&path, "-follow-");
    append_name(&path, name);
    free(store);
    return eventure__buffer_take(&path);
}

static eventure_status fail_system(const char *path, const char *what, int cause, eventure__error *error)
{
    return eventure__fail(error, eventure__errno_status(cause), "%s %s: %s", what, path, eventure__files_why(cause));
}

static eventure_status fail_damaged(const eventure__follow_position *position, eventure__error *error)
{
    return eventure__fail(error, EVENTURE_ERROR_CORRUPT, "%s is damaged: it is not a position of a follower",
                          position->path);
}

/* Parses the text of the file, which ends with a NUL. */
static eventure_status parse(eventure__follow_position *position, const char *text, int64_t *out_seq,
                             eventure__error *error)
{
    char uuid[37] = "";
    int end = 0;
    char digits[20] = "";
    char digest[sizeof position->digest] = "";
    int64_t seq = -1;
    if (sscanf(text, HEAD "\n%36[0-9a-f-]\n%19[0-9]\n%n%64[0-9a-f]\n%n", uuid, digits, &end, digest, &end) < 2 ||
        end == 0 || text[end] != '\0' || (digest[0] != '\0' && strlen(digest) != sizeof digest - 1) ||
        !eventure__parse_int(digits, strlen(digits), &seq))
        return fail_damaged(position, error);
    if (strcmp(uuid, position->uuid) != 0)
        return eventure__fail(error, EVENTURE_ERROR_EXISTS,
                              "%s is the position in another history: its uuid is %s, that of the store is %s",
                              position->path, uuid, position->uuid);
    memcpy(position->digest, digest, sizeof digest);
    *out_seq = seq;
    return EVENTURE_OK;
}

static eventure_status read_position(eventure__follow_position *position, int64_t *out_seq, eventure__error *error)
{
    char text[256];
    *out_seq = -1;
    int descriptor = eventure__files_open_own(position->path, O_RDONLY);
    if (descriptor < 0)
        return errno == ENOENT ? EVENTURE_OK : fail_system(position->path, "open", errno, error);
    ssize_t len = read(descriptor, text, sizeof text - 1);
    int cause = errno;
    close(descriptor);
    if (len < 0)
        return fail_system(position->path, "read", cause, error);
    text[len] = '\0';
    return strlen(text) == (size_t)len ? parse(position, text, out_seq, error) : fail_damaged(position, error);
}

eventure_status eventure__follow_position_open(eventure__follow_position *position, char *path, const char *uuid,
                                               const char *store, int64_t *out_seq, eventure__error *error)
{
    *position =
        (eventure__follow_position){.path = path, .mode = eventure__files_mode(store), .lock = EVENTURE__LOCK_INIT};
    snprintf(position->uuid, sizeof position->uuid, "%s", uuid);
    position->temporary = eventure__files_beside(path, "-new");
    if (position->temporary == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "follow: out of memory");
    eventure_status status = eventure__lock_take(&position->lock, path, error);
    if (status == EVENTURE_ERROR_BUSY)
        return eventure__fail(error, status, "another follower uses this name: %s is locked", position->lock.path);
    if (status == EVENTURE_ERROR_NOT_FOUND)
        error->status = status = EVENTURE_ERROR_IO;
    return status == EVENTURE_OK ? read_position(position, out_seq, error) : status;
}

eventure_status eventure__follow_position_write(eventure__follow_position *position, int64_t seq, const char *digest,
                                                eventure__error *error)
{
    char text[256];
    int len = snprintf(text, sizeof text, HEAD "\n%s\n%lld\n%s%s", position->uuid, (long long)seq, digest,
                       digest[0] != '\0' ? "\n" : "");
    int descriptor = -1;
    int cause = eventure__files_make(position->temporary, position->mode, &descriptor);
    if (cause != 0)
        return fail_system(position->temporary, "write", cause, error);
    bool written = write(descriptor, text, (size_t)len) == len && fsync(descriptor) == 0;
    cause = errno;
    if (close(descriptor) != 0 && written)
    {
        written = false;
        cause = errno;
    }
    if (written && rename(position->temporary, position->path) == 0)
        return eventure__files_sync_directory(position->path, error);
    if (written)
        cause = errno;
    unlink(position->temporary);
    return fail_system(position->path, "write", cause, error);
}

void eventure__follow_position_close(eventure__follow_position *position)
{
    eventure__lock_release(&position->lock);
    free(position->path);
    free(position->temporary);
    position->path = NULL;
    position->temporary = NULL;
}
