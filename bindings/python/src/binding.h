/*
 * Shared declarations of the extension module.
 *
 * The module uses only CPython's limited API of 3.9 and the public C API of Eventure. A method that calls the library
 * follows one pattern: handle_enter (the handle is open, in its own thread and process), the call, handle_leave,
 * raise_status. Callbacks of the library run with the GIL held (callback_enter). An exception that a callback raises
 * stays set until the call returns, and raise_status keeps it.
 */
#ifndef EVENTURE_PYTHON_BINDING_H
#define EVENTURE_PYTHON_BINDING_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03090000
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <eventure/eventure.h>

/* Steals a reference to value, stores it in the slot, and releases the reference that the slot had. */
static inline void replace_reference(PyObject **slot, PyObject *value)
{
    PyObject *old = *slot;
    *slot = value;
    Py_XDECREF(old);
}

/* --- module.c --- */

extern PyObject *handle_error; /* eventure.HandleError */
extern PyObject *scan_once;    /* json's scanner: (text, index) -> (value, end) */
extern PyObject *encode_json;  /* json's encoder: value -> text */

/* Sets the exception of a status with this text, unless a callback has set one already; returns NULL. */
PyObject *raise_status(eventure_status status, const char *message);

/* Returns the number of forks between the first process and this one. It is used instead of getpid, which is a system
 * call. */
unsigned process_number(void);

/* As PyUnicode_AsUTF8String, with a cache by identity, for texts that are used repeatedly, such as types and keys. */
PyObject *utf8_of(PyObject *text);

/* Sets *out_text to the text of a str, or to NULL for None; *out_bytes owns it. Returns 0, or -1 with an exception. */
int optional_text(PyObject *object, const char **out_text, PyObject **out_bytes);

/* As optional_text; the list `kept` owns the bytes. */
int keep_text(PyObject *text, PyObject *kept, const char **out);

/* Returns the path of a str, bytes or os.PathLike as bytes. */
PyObject *path_of(PyObject *object);

/* Steals a reference to a row, and appends the row to a list. Returns 0, or EVENTURE_ERROR_HANDLER with an exception,
 * also when row is NULL. For callbacks of functions that list rows. */
int add_row(PyObject *list, PyObject *row);

/* Enters a callback of the library: takes the GIL; false when an exception is pending already. */
bool callback_enter(PyGILState_STATE *gil);
void callback_leave(PyGILState_STATE gil);

/* A progress function whose context is a Python callable or NULL; it also lets signals raise their exceptions. */
int call_progress(const eventure_progress *progress, void *context);

/* --- handle.c --- */

/* An object that must be released before its handle closes: a cursor, a bus or a playback. */
typedef struct dependent
{
    struct dependent *next, *previous;
    void (*release)(struct dependent *dependent);
} dependent;

/* An open store: a log with its reader, or a reader of its own. */
typedef struct handle
{
    PyObject_HEAD eventure_log *log;
    eventure_reader *reader;
    PyObject *clock, *path;
    dependent dependents; /* the head of a ring */
    unsigned long thread;
    unsigned process;
    int calls;         /* the number of running calls of the library; more than 1 when callbacks call it */
    bool releases_gil; /* appending may wait for the background writer */
} handle;

extern PyTypeObject *handle_type;
int handle_init_type(PyObject *module);
PyObject *text_codes(PyObject *module, PyObject *args);
int handle_enter(handle *self);
void handle_leave(handle *self);
int handle_enter_log(handle *self);
/* Returns the result of a call on the handle: None, or NULL with an exception. */
PyObject *handle_result(handle *self, eventure_status status);
PyObject *handle_raise(handle *self, eventure_status status);
/* Steals a reference to the result of a call and returns it. When status is an error or an exception is set, releases
 * the result and returns NULL with an exception. */
PyObject *handle_made(handle *self, eventure_status status, PyObject *made);
void handle_adopt(handle *self, dependent *dependent, void (*release)(struct dependent *dependent));
void dependent_leave(dependent *dependent);
/* For objects other than handles that belong to a thread: returns 0, or -1 with an exception in another thread or
 * process. */
int check_thread(unsigned long thread, unsigned process, const char *what);

/* --- data.c --- */

#define INLINE_FIELDS 16

/* A dict as the data of an event. */
typedef struct encoded
{
    eventure_data data;
    bool is_flat; /* a dict of texts, 64-bit numbers, booleans and None only: it equals the data as read back */
    size_t count, refs_count;
    eventure_field *fields;
    PyObject **refs;
    eventure_field inline_fields[INLINE_FIELDS];
    PyObject *inline_refs[2 * INLINE_FIELDS];
} encoded;

int encode_data(PyObject *object, encoded *out);
/* As encode_data, for a condition, which must have fields: a dict (not a subclass) whose keys are str. None becomes no
 * fields. */
int encode_members(PyObject *object, encoded *out);
void encoded_clear(encoded *data);

/* A query: a filter, and the objects that own its texts. question_read makes it from a dict of keyword arguments. */
typedef struct question
{
    eventure_filter filter;
    encoded data;
    const char **types;
    PyObject *refs;
} question;

int question_read(PyObject *spec, question *out);
void question_clear(question *question);

/* --- event.c --- */

/* Copied columns of several rows, shared by their events. */
typedef struct rows rows;

typedef struct event
{
    PyObject_HEAD int64_t seq, tick, parent_seq;
    double timestamp;
    PyObject *type, *id, *parent_id, *data; /* NULL: not made yet from text and rows */
    PyObject *text;                         /* the data as JSON, a bytes object */
    rows *rows;
    size_t row;
    PyObject *store; /* the handle that the event was read from, or NULL */
} event;

extern PyTypeObject *event_type;
int event_init_type(PyObject *module);
/* Returns an Event that does not depend on the memory of `source`; NULL with an exception. */
PyObject *event_new(const eventure_event *source, PyObject *store);
/* As event_new, but takes existing objects for the type, the parent's id and the data; each may be NULL. */
PyObject *event_new_known(const eventure_event *source, PyObject *store, PyObject *type, PyObject *parent_id,
                          PyObject *data);
/* Sets *out to the fields of an event, for a call of the library. `refs` owns the texts. Returns 0, or -1 with an
 * exception. */
int event_borrow(event *self, eventure_event *out, PyObject *refs[4]);
PyObject *event_id(event *self);
rows *rows_copy(const eventure_columns *columns);
void rows_release(rows *rows);
PyObject *event_of_row(rows *rows, size_t row, PyObject *store);

/* --- bus.c, reducer.c, transfer.c, follow.c --- */

int bus_init_type(PyObject *module);
int follow_init_type(PyObject *module);
int projection_init_types(PyObject *module);

/* The arguments of an append: type, data, parent, id=, timestamp=, external_parent=. */
typedef struct append_call
{
    eventure_event_input input;
    encoded data;
    PyObject *type, *given; /* borrowed: the type and the data */
    PyObject *refs[4];
    PyObject *parent_id; /* the owned object that contains the parent's id, or NULL */
} append_call;

int append_read(PyObject *store, PyObject *args, PyObject *kwargs, bool external, append_call *out);
void append_clear(append_call *call);
/* Returns the Event of a finished append. */
PyObject *append_event(const append_call *call, const eventure_event *appended, PyObject *store);

/* As reducer_of, for a Fold. Returns -1 without an exception when the object is not a Fold. */
int fold_reducer(PyObject *object, PyObject *store, const eventure_reducer **out_reducer, void **out_context);

/* Gets the reducer of a Fold or a Projection, which owns it. `store` is the handle of the events that the reducer
 * receives. Returns 0, or -1 with an exception.
 */
int reducer_of(PyObject *object, PyObject *store, const eventure_reducer **out_reducer, void **out_context);

/* --- fold.c, state.c, playback.c, cursor.c: types that only methods of a handle create --- */

bool is_fold(PyObject *object);
/* Returns a new reference to the state of a Fold, or to the projection itself. */
PyObject *reducer_state(PyObject *object);
/* Sets the condition of a run of a playback, (state, event) -> bool, which is borrowed. */
void fold_set_condition(PyObject *object, PyObject *condition);
int fold_ask_condition(const eventure_event *event, void *context);
int fold_init_type(PyObject *module);
int state_init_type(void);
int playback_init_type(void);
int cursor_init_type(void);
bool is_cursor(PyObject *object);
/* Reads the next rows of a cursor. Returns 1, 0 at the end, or -1 with an exception. */
int cursor_next_columns(PyObject *object, size_t rows, eventure_columns *out_columns);

/* --- arrow.c --- */

/* _arrow_stream(cursor, [(name, kind)], rows): returns a capsule. */
PyObject *arrow_stream_new(PyObject *module, PyObject *args);

/* --- stream.c --- */

/* A Python file that the library reads or writes. */
typedef struct stream
{
    PyObject *object;
    FILE *file;      /* used for reading */
    PyObject *chunk; /* the last chunk that was read, from chunk_at on not yet used */
    size_t chunk_at;
    bool is_text; /* its write method takes str */
    char *buffer; /* used for writing */
    size_t buffered;
    char pending[4]; /* the first bytes of a character that is not complete yet */
    size_t pending_len;
} stream;

/* Begins to write to a file object; returns 0, or -1 with an exception. Pass stream_write to the library as
 * eventure_write_fn. */
int stream_begin_writing(stream *self, PyObject *file);
int stream_write(const void *bytes, size_t len, void *sink);
/* Writes the buffered bytes, unless an exception is pending; when writing fails, an exception is pending afterwards.
 * The caller holds the GIL. */
void stream_end_writing(stream *self);
/* Begins to read from a file object, and opens self->file for it; returns 0, or -1 with an exception. */
int stream_begin_reading(stream *self, PyObject *file);
void stream_end_reading(stream *self);

/* --- transfer.c, session.c, integrity.c --- */

/* Returns the context for call_progress: the callable, or NULL for None. */
static inline PyObject *progress_of(PyObject *progress)
{
    return progress != Py_None ? progress : NULL;
}

#define MOST_REDUCERS 64

/* Reads a list of folds and projections into an array of reducers. */
int read_reducers(PyObject *list, PyObject *store, eventure_reducer_state *out, size_t *out_count);

/* The methods of a handle, one table for each of the files that define them. */
extern PyMethodDef append_methods[], question_methods[], cursor_handle_methods[], state_methods[];
extern PyMethodDef playback_handle_methods[], transfer_methods[], session_methods[], integrity_methods[];
extern PyMethodDef integrity_functions[], follow_functions[];

#endif
