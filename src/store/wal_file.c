/*
 * The content of a write-ahead log: see wal_file.h.
 */
#include "store/wal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/files.h"

#define HEADER_BYTES 32
#define HEAD_BYTES 24
#define MAGIC 0x377f0682u /* the lowest bit is set when the words of the checksums are big-endian */
#define LEAST_PAGE_BYTES 512u
#define MOST_PAGE_BYTES 65536u

typedef struct frame
{
    uint32_t page;
    uint32_t number; /* from 0 */
} frame;

typedef struct wal
{
    int descriptor;
    int database;
    bool is_big_endian;
    size_t page_bytes;
    unsigned char salts[8];
    uint32_t sums[2];
    unsigned char *bytes; /* room for a frame and a page */
    frame *frames;
    size_t count;
    size_t room;
    size_t committed;        /* number of frames up to the end of the last commit */
    uint32_t database_pages; /* after the last commit */
} wal;

static uint32_t big_endian(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t little_endian(const unsigned char *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

static void add_sums(wal *self, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 8)
    {
        self->sums[0] += (self->is_big_endian ? big_endian(bytes + i) : little_endian(bytes + i)) + self->sums[1];
        self->sums[1] +=
            (self->is_big_endian ? big_endian(bytes + i + 4) : little_endian(bytes + i + 4)) + self->sums[0];
    }
}

static bool has_sums(const wal *self, const unsigned char *bytes)
{
    return self->sums[0] == big_endian(bytes) && self->sums[1] == big_endian(bytes + 4);
}

static off_t offset_of(const wal *self, size_t number)
{
    return HEADER_BYTES + (off_t)number * (off_t)(HEAD_BYTES + self->page_bytes);
}

/* Whether the log has a valid header; without one it has no content. */
static bool read_header(wal *self)
{
    unsigned char header[HEADER_BYTES];
    if (pread(self->descriptor, header, sizeof header, 0) != HEADER_BYTES || (big_endian(header) & ~1u) != MAGIC)
        return false;
    uint32_t page_bytes = big_endian(header + 8);
    self->is_big_endian = (big_endian(header) & 1) != 0;
    self->page_bytes = page_bytes;
    memcpy(self->salts, header + 16, sizeof self->salts);
    add_sums(self, header, HEADER_BYTES - 8);
    return page_bytes >= LEAST_PAGE_BYTES && page_bytes <= MOST_PAGE_BYTES && (page_bytes & (page_bytes - 1)) == 0 &&
           has_sums(self, header + HEADER_BYTES - 8);
}

/* Whether there is another valid frame, which is then in self->bytes. */
static bool read_frame(wal *self)
{
    const size_t len = HEAD_BYTES + self->page_bytes;
    if (pread(self->descriptor, self->bytes, len, offset_of(self, self->count)) != (ssize_t)len ||
        memcmp(self->bytes + 8, self->salts, sizeof self->salts) != 0)
        return false;
    add_sums(self, self->bytes, 8);
    add_sums(self, self->bytes + HEAD_BYTES, self->page_bytes);
    return has_sums(self, self->bytes + 16);
}

static int read_frames(wal *self)
{
    while (read_frame(self))
    {
        if (self->count == self->room)
        {
            size_t room = self->room == 0 ? 256 : 2 * self->room;
            frame *frames = realloc(self->frames, room * sizeof *frames);
            if (frames == NULL)
                return ENOMEM;
            self->frames = frames;
            self->room = room;
        }
        self->frames[self->count] = (frame){big_endian(self->bytes), (uint32_t)self->count};
        self->count++;
        if (big_endian(self->bytes + 4) != 0)
        {
            self->committed = self->count;
            self->database_pages = big_endian(self->bytes + 4);
        }
    }
    return 0;
}

static int by_page(const void *a, const void *b)
{
    const frame *left = a;
    const frame *right = b;
    if (left->page != right->page)
        return left->page < right->page ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

/* Whether the database has the page of that frame. */
static bool is_in_database(const wal *self, const frame *one)
{
    const size_t len = self->page_bytes;
    unsigned char *other = self->bytes + HEAD_BYTES + len;
    return pread(self->descriptor, self->bytes, len, offset_of(self, one->number) + HEAD_BYTES) == (ssize_t)len &&
           pread(self->database, other, len, (off_t)(one->page - 1) * (off_t)len) == (ssize_t)len &&
           memcmp(self->bytes, other, len) == 0;
}

/* Compares the newest version of each page. */
static bool is_contained(wal *self)
{
    if (self->committed == 0)
        return true;
    qsort(self->frames, self->committed, sizeof *self->frames, by_page);
    for (size_t i = 0; i < self->committed; i++)
    {
        const frame *one = &self->frames[i];
        bool is_newest = i + 1 == self->committed || one[1].page != one->page;
        if (is_newest && one->page >= 1 && one->page <= self->database_pages && !is_in_database(self, one))
            return false;
    }
    return true;
}

int eventure__wal_file_compare(const char *path, int database, bool *out_contained)
{
    wal self = {.database = database, .descriptor = eventure__files_open_own(path, O_RDONLY)};
    int cause = 0;
    if (self.descriptor < 0)
        return errno;
    *out_contained = true;
    if (read_header(&self))
    {
        self.bytes = malloc(HEAD_BYTES + 2 * self.page_bytes);
        cause = self.bytes != NULL ? read_frames(&self) : ENOMEM;
        *out_contained = cause == 0 && is_contained(&self);
    }
    free(self.bytes);
    free(self.frames);
    close(self.descriptor);
    return cause;
}
