/*
 * The type Handle: an open store. This file checks the calling thread and process, keeps the list of dependent objects,
 * and opens, closes and advances the store. The Python classes History, Log and EventLog derive from it. Its other
 * methods are in files of their own.
 */
#include "binding.h"

#include <string.h>

#include <pythread.h>

PyTypeObject *handle_type;

/* --- Checks of the caller --- */

int check_thread(unsigned long thread, unsigned process, const char *what)
{
    if (process != process_number())
        PyErr_Format(handle_error, "%s was opened before fork(); open the store again in this process", what);
    else if (thread != PyThread_get_thread_ident())
        PyErr_Format(handle_error, "%s belongs to another thread; open the store once for each thread", what);
    else
        return 0;
    return -1;
}

int handle_enter(handle *self)
{
    if (self->reader == NULL)
    {
        PyErr_SetString(handle_error, "the store is closed");
        return -1;
    }
    if (check_thread(self->thread, self->process, self->log != NULL ? "the log" : "the history") != 0)
        return -1;
    self->calls++;
    return 0;
}

int handle_enter_log(handle *self)
{
    if (self->reader != NULL && self->log == NULL)
    {
        PyErr_SetString(handle_error, "the store was opened for reading; eventure.open opens it for writing");
        return -1;
    }
    return handle_enter(self);
}

void handle_leave(handle *self)
{
    self->calls--;
}

PyObject *handle_raise(handle *self, eventure_status status)
{
    return raise_status(status,
                        self->log != NULL ? eventure_log_message(self->log) : eventure_reader_message(self->reader));
}

PyObject *handle_result(handle *self, eventure_status status)
{
    if (status < 0 || PyErr_Occurred() != NULL)
        return handle_raise(self, status);
    Py_RETURN_NONE;
}

PyObject *handle_made(handle *self, eventure_status status, PyObject *made)
{
    if (status == EVENTURE_OK && PyErr_Occurred() == NULL)
        return made;
    Py_XDECREF(made);
    return handle_raise(self, status);
}

/* --- Objects that depend on a handle --- */

void handle_adopt(handle *self, dependent *dependent, void (*release)(struct dependent *dependent))
{
    dependent->release = release;
    dependent->next = &self->dependents;
    dependent->previous = self->dependents.previous;
    dependent->previous->next = dependent;
    self->dependents.previous = dependent;
}

void dependent_leave(dependent *dependent)
{
    if (dependent->next == NULL)
        return;
    dependent->previous->next = dependent->next;
    dependent->next->previous = dependent->previous;
    dependent->next = dependent->previous = NULL;
}

static void release_dependents(handle *self)
{
    while (self->dependents.previous != &self->dependents)
    {
        dependent *newest = self->dependents.previous;
        dependent_leave(newest);
        newest->release(newest);
    }
}

/* --- Opening and closing --- */

static double call_clock(void *context)
{
    handle *self = context;
    PyGILState_STATE gil;
    double now = 0.0 / 0.0; /* NaN: the library refuses it, so the append fails */
    if (callback_enter(&gil))
    {
        PyObject *answer = PyObject_CallObject(self->clock, NULL);
        if (answer != NULL)
            now = PyFloat_AsDouble(answer);
        Py_XDECREF(answer);
    }
    callback_leave(gil);
    return now;
}

static int choose(const char *name, const char *given, const char *const *choices, int count, int *out)
{
    for (int i = 0; i < count; i++)
        if (strcmp(given, choices[i]) == 0)
        {
            *out = i;
            return 0;
        }
    char list[128] = "";
    for (int i = 0; i < count; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s'%s'",
                 i == 0          ? ""
                 : i < count - 1 ? ", "
                                 : " or ",
                 choices[i]);
    PyErr_Format(PyExc_ValueError, "%s must be %s, not '%s'", name, list, given);
    return -1;
}

static PyObject *handle_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    handle *self = (handle *)allocate(type, 0);
    if (self != NULL)
        self->dependents.next = self->dependents.previous = &self->dependents;
    return (PyObject *)self;
}

static int begin_open(handle *self, PyObject *path)
{
    if (self->reader != NULL)
    {
        PyErr_SetString(handle_error, "the store is open already");
        return -1;
    }
    Py_INCREF(path);
    replace_reference(&self->path, path);
    self->thread = PyThread_get_thread_ident();
    self->process = process_number();
    return 0;
}

static PyObject *open_reader(PyObject *object, PyObject *path)
{
    handle *self = (handle *)object;
    PyObject *name = path_of(path);
    if (name == NULL || begin_open(self, path) != 0)
    {
        Py_XDECREF(name);
        return NULL;
    }
    const char *text = PyBytes_AsString(name);
    eventure_reader *reader = NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_reader_open(text, &reader);
    PyEval_RestoreThread(thread);
    Py_DECREF(name);
    if (status != EVENTURE_OK)
        return raise_status(status, eventure_last_message());
    self->reader = reader;
    Py_RETURN_NONE;
}

static int read_resume_data(PyObject *first_data, encoded *data, eventure_resume_options *resume)
{
    if (encode_members(first_data, data) != 0)
        return -1;
    resume->first_data = data->fields;
    resume->first_data_count = data->count;
    return 0;
}

/* The arguments of open_log. All objects are borrowed. */
typedef struct log_arguments
{
    eventure_log_options options; /* without the clock */
    PyObject *path;
    PyObject *clock; /* None: the system's */
    PyObject *first_data;
    const char *first_type; /* NULL: none */
} log_arguments;

/* Returns 0, or -1 with an exception. */
static int parse_log_arguments(PyObject *args, PyObject *kwargs, log_arguments *out)
{
    static char *names[] = {"path",
                            "mode",
                            "sync",
                            "commit_every_ticks",
                            "clock",
                            "busy_timeout_ms",
                            "max_data_bytes",
                            "max_depth",
                            "digests",
                            "background",
                            "queue_bytes",
                            "when_full",
                            "max_type_bytes",
                            "max_tick_events",
                            "max_file_bytes",
                            "backup",
                            "first_type",
                            "first_data",
                            NULL};
    static const char *const modes[] = {"create", "existing", "new", "memory"};
    static const char *const syncs[] = {"full", "normal", "off"}, *const fulls[] = {"wait", "fail"};
    const char *mode = "create", *sync = "full", *full = "wait";
    long long every = 0, data_bytes = 0, queue_bytes = 0, tick_events = 0, file_bytes = 0;
    int digests = 1, background = 0, backup = 1, chosen[3];
    *out = (log_arguments){.clock = Py_None, .first_data = Py_None};
    eventure_log_options *options = &out->options;
    eventure_log_options_init(options, sizeof *options);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|ssLOiLippLsiLLpzO:open", names, &out->path, &mode, &sync, &every,
                                     &out->clock, &options->busy_timeout_ms, &data_bytes, &options->max_depth, &digests,
                                     &background, &queue_bytes, &full, &options->max_type_bytes, &tick_events,
                                     &file_bytes, &backup, &out->first_type, &out->first_data) ||
        choose("mode", mode, modes, 4, &chosen[0]) != 0 || choose("sync", sync, syncs, 3, &chosen[1]) != 0 ||
        choose("when_full", full, fulls, 2, &chosen[2]) != 0)
        return -1;
    if (queue_bytes < 0)
    {
        PyErr_Format(PyExc_ValueError, "queue_bytes must not be negative, but is %lld", queue_bytes);
        return -1;
    }
    options->mode = (eventure_open_mode)chosen[0];
    options->sync = (eventure_sync)chosen[1];
    options->when_full = (eventure_queue_full)chosen[2];
    options->commit_every_ticks = every;
    options->max_data_bytes = data_bytes;
    options->queue_bytes = (size_t)queue_bytes;
    options->max_tick_events = tick_events;
    options->max_file_bytes = file_bytes;
    options->without_digests = !digests;
    options->background = background != 0;
    options->without_backup = !backup;
    return 0;
}

/* Opens the log, without the GIL. begin_open has succeeded. */
static PyObject *resume_log(handle *self, const char *path, const log_arguments *given, eventure_resume_options *resume)
{
    eventure_log_options options = given->options;
    eventure_log *log = NULL;
    Py_INCREF(given->clock);
    replace_reference(&self->clock, given->clock);
    if (given->clock != Py_None)
    {
        options.clock = call_clock;
        options.clock_context = self;
    }
    resume->log = &options;
    resume->first_type = given->first_type;
    PyThreadState *thread = PyEval_SaveThread();
    eventure_status status = eventure_log_resume(path, resume, &log, NULL);
    PyEval_RestoreThread(thread);
    if (status != EVENTURE_OK)
        return raise_status(status, eventure_last_message());
    self->log = log;
    self->reader = eventure_log_reader(log);
    self->releases_gil = options.background;
    Py_RETURN_NONE;
}

static PyObject *open_log(PyObject *object, PyObject *args, PyObject *kwargs)
{
    handle *self = (handle *)object;
    log_arguments given;
    encoded data;
    eventure_resume_options resume;
    eventure_resume_options_init(&resume, sizeof resume);
    if (parse_log_arguments(args, kwargs, &given) != 0)
        return NULL;
    PyObject *path = path_of(given.path);
    if (path == NULL || read_resume_data(given.first_data, &data, &resume) != 0)
    {
        Py_XDECREF(path);
        return NULL;
    }
    PyObject *result = NULL;
    if (begin_open(self, given.path) == 0)
        result = resume_log(self, PyBytes_AsString(path), &given, &resume);
    encoded_clear(&data);
    Py_DECREF(path);
    return result;
}

/* Closes the log or the reader, and returns the status. Must not be called during another call, or in a process other
 * than the one that opened it. */
static eventure_status close_now(handle *self)
{
    eventure_log *log = self->log;
    eventure_reader *reader = self->reader;
    eventure_status status = EVENTURE_OK;
    if (reader == NULL)
        return EVENTURE_OK;
    release_dependents(self);
    self->log = NULL;
    self->reader = NULL;
    PyThreadState *thread = PyEval_SaveThread();
    if (log != NULL)
        status = eventure_log_close(log);
    else
        eventure_reader_close(reader);
    PyEval_RestoreThread(thread);
    return status;
}

static PyObject *handle_close(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    if (self->reader == NULL)
        Py_RETURN_NONE;
    if (check_thread(self->thread, self->process, "the store") != 0)
        return NULL;
    if (self->calls > 0)
    {
        PyErr_SetString(handle_error, "the store cannot be closed by a callback of one of its calls");
        return NULL;
    }
    eventure_status status = close_now(self);
    if (status != EVENTURE_OK)
        return raise_status(status, eventure_last_message());
    Py_RETURN_NONE;
}

static void handle_dealloc(PyObject *object)
{
    handle *self = (handle *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    PyObject *error_type, *error, *traceback;
    PyErr_Fetch(&error_type, &error, &traceback);
    /* A forked process must not close a store that it inherited: its parent process does. */
    if (self->reader != NULL && self->process == process_number())
        close_now(self);
    PyErr_Restore(error_type, error, traceback);
    Py_XDECREF(self->clock);
    Py_XDECREF(self->path);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static int handle_traverse(PyObject *object, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(((handle *)object)->clock);
    return 0;
}

static int handle_clear(PyObject *object)
{
    /* Does not release the clock, because closing may call it. A clock that holds its log is released when the log is
     * closed. */
    handle *self = (handle *)object;
    if (self->reader == NULL)
        Py_CLEAR(self->clock);
    return 0;
}

/* --- Ticks --- */

#define LOG_CALL(name, call)                                                                                           \
    static PyObject *name(PyObject *object, PyObject *unused)                                                          \
    {                                                                                                                  \
        (void)unused;                                                                                                  \
        handle *self = (handle *)object;                                                                               \
        if (handle_enter_log(self) != 0)                                                                               \
            return NULL;                                                                                               \
        PyThreadState *thread = PyEval_SaveThread();                                                                   \
        eventure_status status = call;                                                                                 \
        PyEval_RestoreThread(thread);                                                                                  \
        handle_leave(self);                                                                                            \
        return handle_result(self, status);                                                                            \
    }

LOG_CALL(handle_advance_tick, eventure_log_advance_tick(self->log))
LOG_CALL(handle_commit, eventure_log_commit(self->log))
LOG_CALL(handle_rollback, eventure_log_rollback(self->log))
LOG_CALL(handle_flush, eventure_log_flush(self->log))

static PyObject *handle_advance_to(PyObject *object, PyObject *tick)
{
    handle *self = (handle *)object;
    long long number = PyLong_AsLongLong(tick);
    if ((number == -1 && PyErr_Occurred() != NULL) || handle_enter_log(self) != 0)
        return NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_log_advance_to(self->log, number);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_result(self, status);
}

static PyObject *handle_wait_durable(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    long long tick;
    int timeout_ms = -1;
    if (!PyArg_ParseTuple(args, "L|i:wait_durable", &tick, &timeout_ms) || handle_enter_log(self) != 0)
        return NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_log_wait_durable(self->log, tick, timeout_ms);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_result(self, status);
}

/* The getters of the properties of a handle. Those that run a query release the GIL. */
static PyObject *get_current_tick(PyObject *object, void *closure)
{
    (void)closure;
    handle *self = (handle *)object;
    int64_t tick = 0;
    if (handle_enter(self) != 0)
        return NULL;
    eventure_status status = EVENTURE_OK;
    if (self->log != NULL)
        tick = eventure_log_tick(self->log);
    else
    {
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_reader_tick(self->reader, &tick);
        PyEval_RestoreThread(thread);
    }
    handle_leave(self);
    return status == EVENTURE_OK ? PyLong_FromLongLong(tick) : handle_raise(self, status);
}

static PyObject *get_last_seq(PyObject *object, void *closure)
{
    (void)closure;
    handle *self = (handle *)object;
    int64_t seq = 0;
    if (handle_enter(self) != 0)
        return NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_reader_last_seq(self->reader, &seq);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return status == EVENTURE_OK ? PyLong_FromLongLong(seq) : handle_raise(self, status);
}

static PyObject *get_tick_events(PyObject *object, void *closure)
{
    (void)closure;
    handle *self = (handle *)object;
    if (handle_enter_log(self) != 0)
        return NULL;
    handle_leave(self);
    return PyLong_FromLongLong(eventure_log_tick_events(self->log));
}

static PyObject *get_durable_tick(PyObject *object, void *closure)
{
    (void)closure;
    handle *self = (handle *)object;
    if (handle_enter_log(self) != 0)
        return NULL;
    handle_leave(self);
    return PyLong_FromLongLong(eventure_log_durable_tick(self->log));
}

static PyObject *get_path(PyObject *object, void *closure)
{
    (void)closure;
    PyObject *path = ((handle *)object)->path;
    path = path != NULL ? path : Py_None;
    Py_INCREF(path);
    return path;
}

static PyObject *get_closed(PyObject *object, void *closure)
{
    (void)closure;
    return PyBool_FromLong(((handle *)object)->reader == NULL);
}

/* --- The type --- */

static PyMethodDef methods[] = {
    {"_open_reader", open_reader, METH_O, NULL},
    {"_open_log", (PyCFunction)(void (*)(void))open_log, METH_VARARGS | METH_KEYWORDS, NULL},
    {"close", handle_close, METH_NOARGS,
     "Closes the store; a log commits what was appended, unless its newest call has failed."},
    {"_advance_tick", handle_advance_tick, METH_NOARGS, NULL},
    {"_advance_to", handle_advance_to, METH_O, NULL},
    {"_commit", handle_commit, METH_NOARGS, NULL},
    {"_rollback", handle_rollback, METH_NOARGS, NULL},
    {"_flush", handle_flush, METH_NOARGS, NULL},
    {"_wait_durable", handle_wait_durable, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"current_tick", get_current_tick, NULL, "The tick of the next event.", NULL},
    {"last_seq", get_last_seq, NULL, "The seq of the newest event; 0 without any.", NULL},
    {"_tick_events", get_tick_events, NULL, NULL, NULL},
    {"_durable_tick", get_durable_tick, NULL, NULL, NULL},
    {"path", get_path, NULL, "The path with which the store was opened.", NULL},
    {"closed", get_closed, NULL, "Whether the store is closed.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* The methods of several files in one table. */
static PyMethodDef *all_methods(void)
{
    PyMethodDef *const tables[] = {methods,          append_methods,          question_methods, cursor_handle_methods,
                                   state_methods,    playback_handle_methods, transfer_methods, session_methods,
                                   integrity_methods};
    const size_t tables_count = sizeof tables / sizeof *tables;
    size_t count = 0;
    for (size_t i = 0; i < tables_count; i++)
        for (PyMethodDef *method = tables[i]; method->ml_name != NULL; method++)
            count++;
    PyMethodDef *all = PyMem_Calloc(count + 1, sizeof *all); /* lives as long as the type */
    size_t at = 0;
    if (all == NULL)
        PyErr_NoMemory();
    for (size_t i = 0; all != NULL && i < tables_count; i++)
        for (PyMethodDef *method = tables[i]; method->ml_name != NULL; method++)
            all[at++] = *method;
    return all;
}

int handle_init_type(PyObject *module)
{
    PyMethodDef *all = all_methods();
    if (all == NULL)
        return -1;
    PyType_Slot slots[] = {
        {Py_tp_doc, "An open store."},   {Py_tp_new, handle_new},
        {Py_tp_dealloc, handle_dealloc}, {Py_tp_methods, all},
        {Py_tp_getset, properties},      {Py_tp_traverse, handle_traverse},
        {Py_tp_clear, handle_clear},     {0, NULL},
    };
    PyType_Spec spec = {.name = "_eventure.Handle",
                        .basicsize = sizeof(handle),
                        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                        .slots = slots};
    handle_type = (PyTypeObject *)PyType_FromSpec(&spec);
    if (handle_type == NULL || cursor_init_type() != 0)
        return -1;
    Py_INCREF(handle_type);
    return PyModule_AddObject(module, "Handle", (PyObject *)handle_type);
}
