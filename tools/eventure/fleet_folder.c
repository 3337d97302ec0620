/*
 * Finding stores: see fleet_folder.h.
 */
#include "fleet_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "interrupt.h"
#include "message.h"

#define HEADER_BYTES 72
#define APPLICATION_ID_AT 68

/* A file or folder that was seen; the set is a table with open addressing. */
typedef struct identity
{
    dev_t device;
    ino_t number;
    bool used;
} identity;

typedef struct search
{
    const char *folder;
    fleet_folder *found;
    identity *seen;
    size_t seen_count;
    size_t seen_capacity; /* a power of two */
    char **links;         /* links to files and folders, which are followed at the end */
    size_t links_count;
    size_t links_capacity;
    bool out_of_memory;
} search;

char *fleet_path(const char *folder, const char *name)
{
    eventure__buffer path = {0};
    size_t len = strlen(folder);
    eventure__buffer_append_text(&path, folder);
    if (len > 0 && folder[len - 1] != '/' && name[0] != '\0')
        eventure__buffer_append_char(&path, '/');
    eventure__buffer_append_text(&path, name);
    return eventure__buffer_take(&path);
}

/* --- What was seen --- */

static identity *place_of(identity *table, size_t capacity, dev_t device, ino_t number)
{
    size_t at = (size_t)(((uint64_t)number ^ ((uint64_t)device << 32)) * UINT64_C(0x9E3779B97F4A7C15) >> 20);
    for (at &= capacity - 1; table[at].used; at = (at + 1) & (capacity - 1))
    {
        if (table[at].device == device && table[at].number == number)
            break;
    }
    return &table[at];
}

static bool grow_seen(search *self)
{
    size_t capacity = self->seen_capacity > 0 ? 2 * self->seen_capacity : 256;
    identity *table = calloc(capacity, sizeof *table);
    if (table == NULL)
        return false;
    for (size_t i = 0; i < self->seen_capacity; i++)
    {
        if (self->seen[i].used)
            *place_of(table, capacity, self->seen[i].device, self->seen[i].number) = self->seen[i];
    }
    free(self->seen);
    self->seen = table;
    self->seen_capacity = capacity;
    return true;
}

/* Notes a file or folder. Returns false when it was seen before, or when out of memory. */
static bool is_new(search *self, const struct stat *info)
{
    if (2 * self->seen_count >= self->seen_capacity && !grow_seen(self))
    {
        self->out_of_memory = true;
        return false;
    }
    identity *place = place_of(self->seen, self->seen_capacity, info->st_dev, info->st_ino);
    if (place->used)
        return false;
    *place = (identity){info->st_dev, info->st_ino, true};
    self->seen_count++;
    return true;
}

/* --- Files --- */

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text);
    size_t ending_len = strlen(ending);
    return len >= ending_len && strcmp(text + len - ending_len, ending) == 0;
}

/* Reads the first bytes. Returns their number, 0 on an error. */
static size_t read_header(const char *path, unsigned char header[HEADER_BYTES])
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    ssize_t len = descriptor >= 0 ? read(descriptor, header, HEADER_BYTES) : 0;
    if (descriptor >= 0)
        close(descriptor);
    return len > 0 ? (size_t)len : 0;
}

static bool is_database(const unsigned char *header, size_t len)
{
    static const char magic[] = "SQLite format 3";
    return len >= sizeof magic && memcmp(header, magic, sizeof magic) == 0;
}

static uint32_t application_of(const unsigned char header[HEADER_BYTES])
{
    const unsigned char *at = header + APPLICATION_ID_AT;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

bool fleet_folder_is_store(const char *path)
{
    unsigned char header[HEADER_BYTES];
    size_t len = read_header(path, header);
    return len == HEADER_BYTES && is_database(header, len) && application_of(header) == FLEET_STORE_ID;
}

static bool may_be_store(const char *path)
{
    unsigned char header[HEADER_BYTES];
    size_t len = read_header(path, header);
    if (!is_database(header, len))
        return ends_with(path, ".db");
    return len < HEADER_BYTES ||
           (application_of(header) != FLEET_PROJECTION_ID && application_of(header) != FLEET_APPLICATION_ID);
}

/* Adds a copy of the text to an array. */
static void add(search *self, char ***list, size_t *count, size_t *capacity, const char *text)
{
    if (*count == *capacity)
    {
        size_t more = *capacity > 0 ? 2 * *capacity : 64;
        char **larger = realloc(*list, more * sizeof *larger);
        if (larger == NULL)
        {
            self->out_of_memory = true;
            return;
        }
        *list = larger;
        *capacity = more;
    }
    char *copy = strdup(text);
    if (copy == NULL)
        self->out_of_memory = true;
    else
        (*list)[(*count)++] = copy;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_texts(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

/* --- Folders --- */

static void search_folder(search *self, const char *name);

/* Looks at one name, relative to the folder. A link is kept for later, unless it is followed now. */
static void look_at(search *self, const char *name, bool follow)
{
    struct stat info;
    char *path = fleet_path(self->folder, name);
    if (path == NULL)
        self->out_of_memory = true;
    /* A name that vanished meanwhile, or a link that leads nowhere, is not a store. */
    else if ((follow ? stat(path, &info) : lstat(path, &info)) == 0)
    {
        if (S_ISLNK(info.st_mode))
            add(self, &self->links, &self->links_count, &self->links_capacity, name);
        else if (S_ISDIR(info.st_mode))
        {
            if (is_new(self, &info))
                search_folder(self, name);
        }
        else if (S_ISREG(info.st_mode) && may_be_store(path) && is_new(self, &info))
            add(self, &self->found->paths, &self->found->count, &self->found->capacity, name);
    }
    free(path);
}

/* Reads the names of a folder. Returns 0 or an errno. */
static int list_folder(search *self, const char *name, char ***out_names, size_t *out_count)
{
    size_t capacity = 0;
    char *path = fleet_path(self->folder, name);
    DIR *folder = path != NULL ? opendir(path) : NULL;
    int cause = folder == NULL ? errno : 0;
    *out_names = NULL;
    *out_count = 0;
    for (errno = 0; folder != NULL && !self->out_of_memory; errno = 0)
    {
        struct dirent *entry = readdir(folder);
        if (entry == NULL)
        {
            cause = errno;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, FLEET_KEPT_FOLDER) != 0)
            add(self, out_names, out_count, &capacity, entry->d_name);
    }
    if (folder != NULL)
        closedir(folder);
    free(path);
    return cause;
}

static void search_folder(search *self, const char *name)
{
    char **names = NULL;
    size_t count = 0;
    int cause = list_folder(self, name, &names, &count);
    if (cause != 0)
    {
        char *path = fleet_path(self->folder, name);
        message("open %s: %s", path != NULL ? path : name, strerror(cause));
        free(path);
        self->found->is_incomplete = true;
    }
    if (count > 0)
        qsort(names, count, sizeof *names, compare_texts);
    for (size_t i = 0; i < count && !self->out_of_memory && !interrupt_came(); i++)
    {
        char *inner = name[0] != '\0' ? fleet_path(name, names[i]) : strdup(names[i]);
        if (inner == NULL)
            self->out_of_memory = true;
        else
            look_at(self, inner, false);
        free(inner);
    }
    free_texts(names, count);
}

/* Follows the links; those in their folders are appended to the list. */
static void follow_links(search *self)
{
    for (size_t i = 0; i < self->links_count && !self->out_of_memory && !interrupt_came(); i++)
    {
        char *name = self->links[i];
        self->links[i] = NULL;
        look_at(self, name, true);
        free(name);
    }
}

int fleet_folder_find(const char *folder, fleet_folder *out)
{
    search self = {.folder = folder, .found = out};
    struct stat info;
    memset(out, 0, sizeof *out);
    int cause = stat(folder, &info) != 0 ? errno : !S_ISDIR(info.st_mode) ? ENOTDIR : 0;
    if (cause == 0 && access(folder, R_OK | X_OK) != 0)
        cause = errno;
    if (cause != 0)
    {
        message("open %s: %s", folder, cause == ENOENT ? "there is no such folder" : strerror(cause));
        return EXIT_FILE;
    }
    if (is_new(&self, &info))
        search_folder(&self, "");
    follow_links(&self);
    free_texts(self.links, self.links_count);
    free(self.seen);
    if (out->count > 0)
        qsort(out->paths, out->count, sizeof *out->paths, compare_texts);
    return self.out_of_memory ? message_memory() : EXIT_DONE;
}

void fleet_folder_free(fleet_folder *folder)
{
    free_texts(folder->paths, folder->count);
    memset(folder, 0, sizeof *folder);
}
