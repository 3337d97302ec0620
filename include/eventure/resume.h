/**
 * @file
 * Resuming a program: one call that opens its log, checks that the history is its own, brings its state up to date, and
 * tells where it stands.
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

/** How a program is resumed. Begin with EVENTURE_RESUME_OPTIONS_INIT; zero is the default of every member. */
typedef struct eventure_resume_options
{
    size_t size;                      /**< Set by the macro. */
    const eventure_log_options *log;  /**< How the log is opened; NULL: all defaults. */
    const char *first_type;           /**< The type of the first event of every history of this program; a history that
                                           begins with another one is refused. NULL: any history will do. */
    const eventure_field *first_data; /**< Members that the data of that event must hold; NULL: none. */
    size_t first_data_count;          /**< Number of elements. */
    const eventure_reducer
        *reducer;  /**< The state that is brought up to date, from the newest snapshot when there is
                        one; NULL: none. A program with a bus gives it to eventure_bus_fold instead. */
    void *context; /**< Passed to the reducer. */
} eventure_resume_options;

/** The defaults. */
#define EVENTURE_RESUME_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        sizeof(eventure_resume_options), NULL, NULL, NULL, 0, NULL, NULL                                               \
    }

/** The same, as a function: `size` is sizeof(eventure_resume_options). */
EVENTURE_API void eventure_resume_options_init(eventure_resume_options *options, size_t size);

/** Where the program stands. */
typedef struct eventure_resume_report
{
    bool is_new;         /**< There is no event yet. */
    bool is_in_tick;     /**< The current tick has events: the program closed its log in the middle of a tick, or
                              committed there. Whether the tick is complete only the program knows. */
    int64_t tick;        /**< The current tick. */
    int64_t tick_events; /**< How many events it has. */
    int64_t last_seq;    /**< The newest event; 0 for none. */
} eventure_resume_report;

/**
 * Opens the log of a program that is started, for the first time or again.
 * @param path the file
 * @param options NULL is all defaults
 * @param out_log receives the log; NULL on error, whose text is then eventure_last_message
 * @param out_report receives where the program stands; may be NULL
 * @return as eventure_log_open and eventure_state_at; EVENTURE_ERROR_FORMAT when the history is that of another
 * program. A history whose first events are in an archive is not checked
 */
EVENTURE_API eventure_status eventure_log_resume(const char *path, const eventure_resume_options *options,
                                                 eventure_log **out_log, eventure_resume_report *out_report);

#ifdef __cplusplus
}
#endif

#endif
