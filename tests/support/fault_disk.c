/*
 * The model of a disk without power: see fault_disk.h.
 */
#include "fault_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "ledger.h"

#define SECTOR 512
#define INODES 64
#define CHANGES 64

/* A write or a truncation that was not synced. */
typedef struct pending
{
    struct pending *next;
    unsigned char *bytes; /* NULL: a truncation */
    size_t offset;        /* the offset of a write, or the size to truncate to */
    size_t len;
} pending;

struct fault_inode
{
    char path[512];
    unsigned char *safe; /* the content that is safe on the disk */
    size_t safe_len;
    pending *first;
    pending *last;
    bool is_linked;      /* the path refers to it in the file system */
    bool is_safe_linked; /* the path refers to it on the disk */
};

static struct
{
    fault_inode *inodes[INODES];
    int inodes_count;
    /* Names that changed since the directory was synced, oldest first. */
    struct
    {
        fault_inode *inode;
        bool links;
    } changes[CHANGES];
    int changes_count;
} disk;

static void die(const char *why)
{
    fprintf(stderr, "fault_disk: %s\n", why);
    abort();
}

static void *get(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL)
        die("out of memory");
    return memory;
}

static void drop_pending(fault_inode *inode)
{
    while (inode->first != NULL)
    {
        pending *next = inode->first->next;
        free(inode->first->bytes);
        free(inode->first);
        inode->first = next;
    }
    inode->last = NULL;
}

void fault_disk_forget(void)
{
    for (int i = 0; i < disk.inodes_count; i++)
    {
        drop_pending(disk.inodes[i]);
        free(disk.inodes[i]->safe);
        free(disk.inodes[i]);
    }
    disk.inodes_count = 0;
    disk.changes_count = 0;
}

static fault_inode *linked(const char *path)
{
    for (int i = 0; i < disk.inodes_count; i++)
        if (disk.inodes[i]->is_linked && strcmp(disk.inodes[i]->path, path) == 0)
            return disk.inodes[i];
    return NULL;
}

static void change(fault_inode *inode, bool links)
{
    if (disk.changes_count == CHANGES)
        die("too many changes of the directory");
    inode->is_linked = links;
    disk.changes[disk.changes_count].inode = inode;
    disk.changes[disk.changes_count++].links = links;
}

static void read_file(fault_inode *inode, FILE *in)
{
    fseek(in, 0, SEEK_END);
    inode->safe_len = (size_t)ftell(in);
    rewind(in);
    inode->safe = get(inode->safe_len);
    if (fread(inode->safe, 1, inode->safe_len, in) != inode->safe_len)
        die("cannot read a file");
}

fault_inode *fault_disk_open(const char *path, bool create, bool *out_is_new)
{
    fault_inode *inode = linked(path);
    *out_is_new = false;
    if (inode != NULL)
        return inode;
    FILE *in = fopen(path, "rb");
    if (in == NULL && !create)
        return NULL;
    if (disk.inodes_count == INODES || strlen(path) >= sizeof inode->path)
        die("too many files");
    inode = get(sizeof *inode);
    memset(inode, 0, sizeof *inode);
    memcpy(inode->path, path, strlen(path) + 1);
    disk.inodes[disk.inodes_count++] = inode;
    if (in != NULL)
    {
        read_file(inode, in);
        fclose(in);
        inode->is_linked = true;
        inode->is_safe_linked = true;
        return inode;
    }
    *out_is_new = true;
    change(inode, true);
    return inode;
}

static pending *add(fault_inode *inode)
{
    pending *one = get(sizeof *one);
    memset(one, 0, sizeof *one);
    if (inode->last != NULL)
        inode->last->next = one;
    else
        inode->first = one;
    inode->last = one;
    return one;
}

void fault_disk_write(fault_inode *inode, const void *bytes, size_t len, size_t offset)
{
    pending *one = add(inode);
    one->bytes = get(len);
    memcpy(one->bytes, bytes, len);
    one->offset = offset;
    one->len = len;
}

void fault_disk_truncate(fault_inode *inode, size_t size)
{
    add(inode)->offset = size;
}

void fault_disk_delete(const char *path)
{
    bool is_new = false;
    fault_inode *inode = fault_disk_open(path, false, &is_new);
    if (inode != NULL)
        change(inode, false);
}

void fault_disk_sync_directory(void)
{
    for (int i = 0; i < disk.changes_count; i++)
        disk.changes[i].inode->is_safe_linked = disk.changes[i].links;
    disk.changes_count = 0;
}

/* Sets the number of safe bytes; new bytes are `filling`, or random when it is negative. */
static void resize(fault_inode *inode, size_t len, uint64_t *seed)
{
    if (len > inode->safe_len)
    {
        unsigned char *more = realloc(inode->safe, len);
        if (more == NULL)
            die("out of memory");
        for (size_t i = inode->safe_len; i < len; i++)
            more[i] = seed != NULL ? (unsigned char)harness_random(seed, 256) : 0;
        inode->safe = more;
    }
    inode->safe_len = len;
}

/* Writes each sector of a pending write with the probability `chance` of 4; `stop_at` (a sector of it) ends it. */
static void apply_sectors(fault_inode *inode, const pending *one, uint64_t chance, uint64_t *seed, uint64_t *filling)
{
    size_t end = one->offset + one->len;
    for (size_t at = one->offset; at < end;)
    {
        size_t next = (at / SECTOR + 1) * SECTOR;
        next = next < end ? next : end;
        if (chance >= 4 || harness_random(seed, 4) < chance)
        {
            if (next > inode->safe_len)
                resize(inode, next, filling);
            memcpy(inode->safe + at, one->bytes + (at - one->offset), next - at);
        }
        at = next;
    }
}

static void apply(fault_inode *inode, const pending *one, uint64_t chance, uint64_t *seed, uint64_t *filling)
{
    if (one->bytes != NULL)
        apply_sectors(inode, one, chance, seed, filling);
    else if (chance >= 4 || harness_random(seed, 4) < chance)
        resize(inode, one->offset, NULL);
}

void fault_disk_sync(fault_inode *inode)
{
    for (const pending *one = inode->first; one != NULL; one = one->next)
        apply(inode, one, 4, NULL, NULL);
    drop_pending(inode);
}

/* Applies a power cut to an inode, in one of five ways. */
static void cut(fault_inode *inode, uint64_t *seed)
{
    uint64_t way = harness_random(seed, 5);
    uint64_t count = 0;
    uint64_t *filling = harness_random(seed, 3) == 0 ? seed : NULL;
    for (const pending *one = inode->first; one != NULL; one = one->next)
        count++;
    uint64_t whole = way == 0 ? 0 : harness_random(seed, count + 1); /* the number of first writes that are complete */
    for (const pending *one = inode->first; one != NULL; one = one->next)
    {
        uint64_t chance = way == 1   ? (whole > 0 ? 4U : 0U)       /* in order, the rest lost */
                          : way == 2 ? (whole > 0 ? 4U : 2U)       /* in order, the rest torn */
                          : way == 3 ? harness_random(seed, 2) * 4 /* each complete or lost */
                          : way == 4 ? harness_random(seed, 5)     /* any sectors */
                                     : 0;                          /* nothing */
        apply(inode, one, chance, seed, filling);
        whole -= whole > 0;
    }
}

static void write_file(const fault_inode *inode)
{
    FILE *out = fopen(inode->path, "wb");
    if (out == NULL)
        die("cannot make a file");
    if (inode->safe_len > 0 && fwrite(inode->safe, 1, inode->safe_len, out) != inode->safe_len)
        die("cannot write a file");
    if (fclose(out) != 0)
        die("cannot close a file");
}

void fault_disk_settle(uint64_t *seed)
{
    int kept = (int)harness_random(seed, (uint64_t)disk.changes_count + 1);
    for (int i = 0; i < kept; i++)
        disk.changes[i].inode->is_safe_linked = disk.changes[i].links;
    for (int i = 0; i < disk.inodes_count; i++)
        remove(disk.inodes[i]->path);
    for (int i = 0; i < disk.inodes_count; i++)
    {
        if (!disk.inodes[i]->is_safe_linked)
            continue;
        cut(disk.inodes[i], seed);
        write_file(disk.inodes[i]);
    }
}
