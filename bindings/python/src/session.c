/*
 * Copies, forks, archives, save points, and indexes on data.
 */
#include "binding.h"

/* --- Copies, forks, archives --- */

typedef enum copy_kind
{
    COPY_WHOLE,
    COPY_TO_TICK,
    COPY_TO_SAVE_POINT
} copy_kind;

/* _copy(path, replace, progress, tick, save_point, record): tick or save_point at most; record: JSON text, or None. */
static PyObject *handle_copy(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *path, *progress, *tick_given;
    const char *save_point, *record;
    int replace;
    if (!PyArg_ParseTuple(args, "OpOOzz:copy", &path, &replace, &progress, &tick_given, &save_point, &record))
        return NULL;
    long long tick = tick_given != Py_None ? PyLong_AsLongLong(tick_given) : 0;
    if (tick == -1 && PyErr_Occurred() != NULL)
        return NULL;
    copy_kind kind = save_point != NULL ? COPY_TO_SAVE_POINT : tick_given != Py_None ? COPY_TO_TICK : COPY_WHOLE;
    eventure_copy_options options;
    eventure_copy_options_init(&options, sizeof options);
    options.replace = replace != 0;
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    const eventure_data changes = eventure_json(record);
    options.record = record != NULL ? &changes : NULL;
    PyObject *name = path_of(path), *result = NULL;
    if (name != NULL && handle_enter(self) == 0)
    {
        const char *text = PyBytes_AsString(name);
        eventure_status status;
        PyThreadState *thread = PyEval_SaveThread();
        status = kind == COPY_WHOLE     ? eventure_store_copy(self->reader, text, &options)
                 : kind == COPY_TO_TICK ? eventure_store_fork_at_tick(self->reader, text, tick, &options)
                                        : eventure_store_fork_at_save_point(self->reader, text, save_point, &options);
        PyEval_RestoreThread(thread);
        handle_leave(self);
        result = handle_result(self, status);
    }
    Py_XDECREF(name);
    return result;
}

static PyObject *handle_origin(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    eventure_origin origin;
    if (handle_enter(self) != 0)
        return NULL;
    eventure_status status = eventure_store_origin(self->reader, &origin);
    handle_leave(self);
    if (status != EVENTURE_OK)
        return handle_raise(self, status);
    return Py_BuildValue("ssLLss", origin.uuid, origin.from_uuid, (long long)origin.from_tick,
                         (long long)origin.from_seq, origin.run_digest, origin.full_digest);
}

/* Reads a list of folds and projections into an array of reducers. */
int read_reducers(PyObject *list, PyObject *store, eventure_reducer_state *out, size_t *out_count)
{
    Py_ssize_t count = PyList_Size(list);
    if (count < 0 || count > MOST_REDUCERS)
    {
        PyErr_Format(PyExc_ValueError, "at most %d reducers", MOST_REDUCERS);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++)
    {
        eventure_reducer_state_init(&out[i], sizeof out[i]);
        if (reducer_of(PyList_GetItem(list, i), store, &out[i].reducer, &out[i].context) != 0)
            return -1;
    }
    *out_count = (size_t)count;
    return 0;
}

/* _archive(path, before_tick, reducers, without_snapshots, progress) */
static PyObject *handle_archive(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *path, *reducers, *progress;
    long long before_tick;
    int without_snapshots;
    eventure_reducer_state states[MOST_REDUCERS];
    eventure_archive_options options;
    eventure_archive_options_init(&options, sizeof options);
    if (!PyArg_ParseTuple(args, "OLOpO:archive", &path, &before_tick, &reducers, &without_snapshots, &progress) ||
        read_reducers(reducers, object, states, &options.states_count) != 0)
        return NULL;
    options.states = options.states_count > 0 ? states : NULL;
    options.without_snapshots = without_snapshots != 0;
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    PyObject *name = path_of(path), *result = NULL;
    if (name != NULL && handle_enter_log(self) == 0)
    {
        const char *text = PyBytes_AsString(name);
        eventure_archive_counts counts = {0, 0};
        eventure_status status;
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_log_archive(self->log, text, before_tick, &options, &counts);
        PyEval_RestoreThread(thread);
        handle_leave(self);
        result = status != EVENTURE_OK || PyErr_Occurred() != NULL
                     ? handle_raise(self, status)
                     : Py_BuildValue("LL", (long long)counts.events, (long long)counts.kept_ids);
    }
    Py_XDECREF(name);
    return result;
}

/* --- The record of the run --- */

static PyObject *handle_describe(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    const char *json;
    if (!PyArg_ParseTuple(args, "s:describe", &json) || handle_enter_log(self) != 0)
        return NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_log_describe(self->log, eventure_json(json));
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_result(self, status);
}

static PyObject *handle_description(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    char *json = NULL;
    if (handle_enter(self) != 0)
        return NULL;
    eventure_status status = eventure_reader_description(self->reader, NULL, &json);
    handle_leave(self);
    PyObject *result = status == EVENTURE_OK ? PyUnicode_FromString(json) : handle_raise(self, status);
    eventure_free(json);
    return result;
}

/* --- Save points --- */

static PyObject *handle_save(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    const char *name, *note;
    if (!PyArg_ParseTuple(args, "sz:save", &name, &note) || handle_enter_log(self) != 0)
        return NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_save_point_create(self->log, name, note);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_result(self, status);
}

static PyObject *handle_save_delete(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    const char *name;
    if (!PyArg_ParseTuple(args, "s:delete_save_point", &name) || handle_enter_log(self) != 0)
        return NULL;
    eventure_status status = eventure_save_point_delete(self->log, name);
    handle_leave(self);
    return handle_result(self, status);
}

static int add_save(const eventure_save_point *save, void *context)
{
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
        result = add_row(context, Py_BuildValue("sLLzd", save->name, (long long)save->tick, (long long)save->seq,
                                                save->note, save->created));
    callback_leave(gil);
    return result;
}

static PyObject *handle_saves(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    PyObject *list = PyList_New(0);
    if (list == NULL || handle_enter(self) != 0)
    {
        Py_XDECREF(list);
        return NULL;
    }
    eventure_status status = eventure_save_point_list(self->reader, add_save, list);
    handle_leave(self);
    return handle_made(self, status, list);
}

/* --- Indexes on data --- */

static PyObject *handle_index_add(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    const char *key, *pattern;
    PyObject *progress;
    if (!PyArg_ParseTuple(args, "szO:index", &key, &pattern, &progress) || handle_enter_log(self) != 0)
        return NULL;
    eventure_data_index_options options;
    eventure_data_index_options_init(&options, sizeof options);
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_data_index_add(self->log, key, pattern, &options);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_result(self, status);
}

static PyObject *handle_index_drop(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    const char *key, *pattern;
    if (!PyArg_ParseTuple(args, "sz:drop_index", &key, &pattern) || handle_enter_log(self) != 0)
        return NULL;
    eventure_status status = eventure_data_index_drop(self->log, key, pattern);
    handle_leave(self);
    return handle_result(self, status);
}

static int add_index(const eventure_data_index *index, void *context)
{
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
        result = add_row(context, Py_BuildValue("ssLLN", index->key, index->pattern, (long long)index->events,
                                                (long long)index->indexed_seq, PyBool_FromLong(index->complete)));
    callback_leave(gil);
    return result;
}

static PyObject *handle_indexes(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    PyObject *list = PyList_New(0);
    if (list == NULL || handle_enter(self) != 0)
    {
        Py_XDECREF(list);
        return NULL;
    }
    eventure_status status = eventure_data_index_list(self->reader, add_index, list);
    handle_leave(self);
    return handle_made(self, status, list);
}

/* --- The table --- */

PyMethodDef session_methods[] = {
    {"_copy", handle_copy, METH_VARARGS, NULL},
    {"_origin", handle_origin, METH_NOARGS, NULL},
    {"_archive", handle_archive, METH_VARARGS, NULL},
    {"_describe", handle_describe, METH_VARARGS, NULL},
    {"_description", handle_description, METH_NOARGS, NULL},
    {"_save", handle_save, METH_VARARGS, NULL},
    {"_save_delete", handle_save_delete, METH_VARARGS, NULL},
    {"_saves", handle_saves, METH_NOARGS, NULL},
    {"_index_add", handle_index_add, METH_VARARGS, NULL},
    {"_index_drop", handle_index_drop, METH_VARARGS, NULL},
    {"_indexes", handle_indexes, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
