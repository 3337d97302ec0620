/*
 * States that move through a history: see state_slot.h.
 */
#include "state_slot.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/eventure/message.h"

#define STATE_BYTES (INT64_C(256) * 1024 * 1024)
#define CACHE_BYTES (INT64_C(16) * 1024 * 1024)

struct state_slot
{
    const char *path; /* of the store file; NULL ends the list */
    const char *file; /* the path of the projection */
    const char *name; /* the name of the projection */
    bool is_against;
    pthread_mutex_t lock;
    eventure_projection *projection;
    eventure_reader *reader;
    eventure_playback *playback;
    dev_t device; /* the identity of the file that was opened */
    ino_t inode;
};

static eventure_status open_projection(state_slot *slot)
{
    eventure_projection_options options = EVENTURE_PROJECTION_OPTIONS_INIT;
    options.max_bytes = STATE_BYTES;
    return eventure_projection_open(slot->file, &options, &slot->projection);
}

static bool open_slot(state_slot *slot, const char *path, const char *file, bool is_against)
{
    slot->path = path;
    slot->file = file;
    slot->is_against = is_against;
    if (pthread_mutex_init(&slot->lock, NULL) != 0)
    {
        slot->path = NULL;
        return false;
    }
    if (open_projection(slot) != EVENTURE_OK)
    {
        message("%s", eventure_projection_message(slot->projection));
        return false;
    }
    slot->name = eventure_projection_reducer(slot->projection)->name;
    return true;
}

state_slot *states_open(const serve_options *options)
{
    size_t count = 2 * options->projections_count + 1;
    state_slot *slots = calloc(count, sizeof *slots);
    size_t used = 0;
    bool is_open = slots != NULL;
    if (slots == NULL)
        message_memory();
    for (size_t i = 0; is_open && i < options->projections_count; i++)
    {
        is_open = open_slot(&slots[used++], options->path, options->projections[i], false);
        if (is_open && options->against != NULL)
            is_open = open_slot(&slots[used++], options->against, options->projections[i], true);
    }
    if (is_open)
        return slots;
    states_close(slots);
    return NULL;
}

static void close_playback(state_slot *slot)
{
    eventure_playback_free(slot->playback);
    eventure_reader_close(slot->reader);
    slot->playback = NULL;
    slot->reader = NULL;
}

void states_close(state_slot *slots)
{
    for (state_slot *slot = slots; slot != NULL && slot->path != NULL; slot++)
    {
        close_playback(slot);
        eventure_projection_close(slot->projection);
        pthread_mutex_destroy(&slot->lock);
    }
    free(slots);
}

void states_list(request *asked)
{
    json_open(&asked->out, "projections", '[');
    for (state_slot *slot = asked->owner->states; slot->path != NULL; slot++)
        if (!slot->is_against)
            json_text(&asked->out, NULL, slot->name);
    json_close(&asked->out, ']');
}

/* Opens the reader and the playback when they are closed, or when another file has replaced the store. */
static bool open_playback(request *asked, state_slot *slot)
{
    eventure_playback_options options = EVENTURE_PLAYBACK_OPTIONS_INIT;
    struct stat info;
    if (stat(slot->path, &info) != 0)
    {
        request_fail(asked, 500, "gone", "open %s: there is no such file", slot->path);
        return false;
    }
    if (slot->playback != NULL && info.st_dev == slot->device && info.st_ino == slot->inode)
        return true;
    close_playback(slot);
    options.max_cache_bytes = CACHE_BYTES;
    eventure_status status = eventure_reader_open(slot->path, &slot->reader);
    if (status == EVENTURE_OK)
        status = eventure_playback_new(slot->reader, eventure_projection_reducer(slot->projection), slot->projection,
                                       &options, &slot->playback);
    slot->device = info.st_dev;
    slot->inode = info.st_ino;
    if (status == EVENTURE_OK)
        return true;
    request_fail_status(asked, status, eventure_reader_message(slot->reader));
    close_playback(slot);
    return false;
}

state_slot *state_slot_take(request *asked, const char *name, bool is_against)
{
    if (asked->owner->states->path == NULL)
    {
        request_fail(asked, 404, "not-found", "there is no projection: start with --projection FILE");
        return NULL;
    }
    for (state_slot *slot = asked->owner->states; slot->path != NULL; slot++)
    {
        if (slot->is_against != is_against || (name != NULL && strcmp(name, slot->name) != 0))
            continue;
        pthread_mutex_lock(&slot->lock);
        if (open_playback(asked, slot))
            return slot;
        pthread_mutex_unlock(&slot->lock);
        return NULL;
    }
    request_fail(asked, 404, "not-found", "there is no projection '%s'", name != NULL ? name : "");
    return NULL;
}

void state_slot_give_back(state_slot *slot)
{
    if (slot != NULL)
        pthread_mutex_unlock(&slot->lock);
}

/* After an error the state is undefined, so the next request opens the playback again. */
static bool fail_slot(request *asked, state_slot *slot, eventure_status status)
{
    request_fail_status(asked, status, eventure_reader_message(slot->reader));
    close_playback(slot);
    return false;
}

bool state_slot_seek(request *asked, state_slot *slot, int64_t tick)
{
    if (slot->playback == NULL && !open_playback(asked, slot))
        return false;
    eventure_status status = eventure_playback_seek_tick(slot->playback, tick);
    return status >= 0 ? true : fail_slot(asked, slot, status);
}

bool state_slot_step(request *asked, state_slot *slot, eventure_event *out_event, bool *out_moved)
{
    eventure_status status = eventure_playback_step_events(slot->playback, 1);
    *out_moved = status == EVENTURE_ROW;
    if (status == EVENTURE_ROW)
        status = eventure_playback_event(slot->playback, out_event);
    return status >= 0 ? true : fail_slot(asked, slot, status);
}

bool state_slot_image(request *asked, state_slot *slot, state_image *out)
{
    eventure_status status = eventure_projection_image(slot->projection, &out->bytes, &out->len);
    if (status == EVENTURE_OK)
        return true;
    request_fail_status(asked, status, eventure_projection_message(slot->projection));
    return false;
}

void state_image_free(state_image *image)
{
    eventure_free(image->bytes);
    image->bytes = NULL;
    image->len = 0;
}

const char *state_slot_name(const state_slot *slot)
{
    return slot->name;
}
