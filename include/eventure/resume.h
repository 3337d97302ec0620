/**
 * @file
 * Resuming a program: one call opens its log, checks that the history belongs to the program, brings its state up to
 * date, and returns the position.
 *
 * @code
 * eventure_resume_options options = EVENTURE_RESUME_OPTIONS_INIT;
 * eventure_resume_report report;
 * options.first_type = "game.began";
 * options.reducer = &game_reducer;
 * options.context = &game;
 * eventure_status status = eventure_log_resume("game.db", &options, &log, &report);
 * if (status == EVENTURE_OK && report.is_new)
 *     status = eventure_log_append(log, "game.began", eventure_no_data(), NULL, NULL);
 * @endcode
 */
#ifndef EVENTURE_RESUME_H
#define EVENTURE_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <eventure/data.h>
#include <eventure/export.h>
#include <eventure/log.h>
#include <eventure/replay.h>
#include <eventure/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of eventure_log_resume. Begin with EVENTURE_RESUME_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_resume_options
{
    size_t size;                      /**< Set by the macro. */
    const eventure_log_options *log;  /**< Options of the log; NULL: all defaults. */
    const char *first_type;           /**< The type of the first event of every history of this program; a history that
                                           begins with another type is refused. NULL: every history is accepted. */
    const eventure_field *first_data; /**< Members that the data of that event must contain; they need first_type.
                                           NULL: none. */
    size_t first_data_count;          /**< Number of elements. */
    const eventure_reducer
        *reducer;  /**< The reducer whose state is brought up to date, from the newest snapshot when there is one; NULL:
                        none. A program with a bus passes it to eventure_bus_fold instead. */
    void *context; /**< Passed to the reducer. */
} eventure_resume_options;

/** The defaults. */
#define EVENTURE_RESUME_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_resume_options), NULL, NULL, NULL, 0, NULL, NULL                                               \
    }

/**
 * Sets *options to the defaults, as EVENTURE_RESUME_OPTIONS_INIT does. `size` is sizeof(eventure_resume_options) as the
 * caller compiled it.
 */
EVENTURE_API void eventure_resume_options_init(eventure_resume_options *options, size_t size);

/** The position of the program in its history. */
typedef struct eventure_resume_report
{
    bool is_new;         /**< Whether the history has no events. */
    bool is_in_tick;     /**< Whether the current tick has events: the program closed its log in the middle of a tick,
                              or committed there. Only the program knows whether the tick is complete. */
    int64_t tick;        /**< The current tick. */
    int64_t tick_events; /**< Number of events in the current tick. */
    int64_t last_seq;    /**< The seq of the newest event; 0 for none. */
} eventure_resume_report;

/**
 * Opens the log of a program, at its first start and at every later one.
 * @param path the file
 * @param options NULL is all defaults
 * @param out_log receives the log; NULL on error, whose text is then eventure_last_message()
 * @param out_report receives the position; may be NULL
 * @return as eventure_log_open and eventure_replay_at; EVENTURE_ERROR_FORMAT when the history belongs to another
 *         program; EVENTURE_ERROR_TYPE when first_type is not a valid type. A history whose first events are in an
 *         archive is not checked
 */
EVENTURE_API eventure_status eventure_log_resume(const char *path, const eventure_resume_options *options,
                                                 eventure_log **out_log, eventure_resume_report *out_report);

#ifdef __cplusplus
}
#endif

#endif
