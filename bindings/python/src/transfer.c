/*
 * Import and export, and the cascade viewer.
 */
#include "binding.h"

/* --- Import and export --- */

static int read_format(const char *name, eventure_format *out)
{
    if (eventure_format_find(name, out) == EVENTURE_OK)
        return 0;
    PyErr_Format(PyExc_ValueError, "unknown format '%s'; there are jsonl, csv, cloudevents, chrome, dot, mermaid",
                 name);
    return -1;
}

static PyObject *counts_of(const eventure_transfer_counts *counts)
{
    return Py_BuildValue("LL", (long long)counts->events, (long long)counts->ticks);
}

/* _import(file, name, format, external_parents, progress) */
static PyObject *handle_import(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *file, *progress;
    const char *name, *format;
    int external;
    stream in;
    eventure_import_options options;
    eventure_import_options_init(&options, sizeof options);
    if (!PyArg_ParseTuple(args, "OsspO:import_events", &file, &name, &format, &external, &progress) ||
        read_format(format, &options.format) != 0)
        return NULL;
    options.name = name;
    options.external_parents = external != 0;
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    if (handle_enter_log(self) != 0)
        return NULL;
    eventure_transfer_counts counts = {0};
    eventure_status status = EVENTURE_ERROR_IO;
    bool began = stream_begin_reading(&in, file) == 0;
    if (began)
    {
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_log_import(self->log, in.file, &options, &counts);
        PyEval_RestoreThread(thread);
        stream_end_reading(&in);
    }
    handle_leave(self);
    if (!began || status != EVENTURE_OK || PyErr_Occurred() != NULL)
        return handle_raise(self, status);
    return counts_of(&counts);
}

static int read_columns(PyObject *columns, const char **keys, PyObject *kept, size_t most, size_t *out_count)
{
    Py_ssize_t count = PyList_Size(columns);
    if (count < 0)
        return -1;
    if ((size_t)count > most)
    {
        PyErr_Format(PyExc_ValueError, "at most %zu columns", most);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++)
    {
        if (keep_text(PyList_GetItem(columns, i), kept, &keys[i]) != 0)
            return -1;
        if (keys[i] == NULL)
        {
            PyErr_SetString(PyExc_TypeError, "a column must be a str, not None");
            return -1;
        }
    }
    *out_count = (size_t)count;
    return 0;
}

#define MOST_COLUMNS 256

/* _export(file, question, format, columns, max_nodes, progress) */
static PyObject *handle_export(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *file, *spec, *columns, *progress;
    const char *format, *keys[MOST_COLUMNS];
    long long max_nodes;
    question question;
    stream out;
    eventure_export_options options;
    eventure_export_options_init(&options, sizeof options);
    options.write = stream_write;
    options.write_sink = &out;
    if (!PyArg_ParseTuple(args, "OOsOLO:export_events", &file, &spec, &format, &columns, &max_nodes, &progress) ||
        read_format(format, &options.format) != 0 || question_read(spec, &question) != 0)
        return NULL;
    options.filter = &question.filter;
    options.max_nodes = max_nodes;
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    eventure_transfer_counts counts = {0};
    PyObject *result = NULL;
    if ((columns == Py_None || read_columns(columns, keys, question.refs, MOST_COLUMNS, &options.columns_count) == 0) &&
        handle_enter(self) == 0)
    {
        options.columns = columns != Py_None ? keys : NULL;
        if (stream_begin_writing(&out, file) == 0)
        {
            eventure_status status;
            PyThreadState *thread = PyEval_SaveThread();
            status = eventure_store_export(self->reader, NULL, &options, &counts);
            PyEval_RestoreThread(thread);
            stream_end_writing(&out);
            result =
                status != EVENTURE_OK || PyErr_Occurred() != NULL ? handle_raise(self, status) : counts_of(&counts);
        }
        handle_leave(self);
    }
    question_clear(&question);
    return result;
}

/* _extract(path, replace, question, progress) */
static PyObject *handle_extract(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *path, *spec, *progress;
    int replace;
    question question;
    eventure_extract_options options;
    eventure_extract_options_init(&options, sizeof options);
    if (!PyArg_ParseTuple(args, "OpOO:extract", &path, &replace, &spec, &progress) ||
        question_read(spec, &question) != 0)
        return NULL;
    options.filter = &question.filter;
    options.replace = replace != 0;
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    PyObject *name = path_of(path), *result = NULL;
    eventure_transfer_counts counts = {0};
    if (name != NULL && handle_enter(self) == 0)
    {
        const char *text = PyBytes_AsString(name);
        eventure_status status;
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_store_extract(self->reader, text, &options, &counts);
        PyEval_RestoreThread(thread);
        handle_leave(self);
        result = status != EVENTURE_OK || PyErr_Occurred() != NULL ? handle_raise(self, status) : counts_of(&counts);
    }
    Py_XDECREF(name);
    question_clear(&question);
    return result;
}

/* _print(file, id, details, tick_min, tick_end, data, color, external_as_local) */
static PyObject *handle_print(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *file;
    const char *id;
    int details, data, color, external_as_local = 0;
    long long tick_min, tick_end;
    stream out;
    if (!PyArg_ParseTuple(args, "OzpLLpp|p:print_cascade", &file, &id, &details, &tick_min, &tick_end, &data, &color,
                          &external_as_local) ||
        handle_enter(self) != 0)
        return NULL;
    eventure_cascade_options options;
    eventure_cascade_options_init(&options, sizeof options);
    options.write = stream_write;
    options.write_sink = &out;
    options.tick_min = tick_min;
    options.tick_end = tick_end;
    options.without_data = !data;
    options.color = color != 0;
    options.external_as_local = external_as_local != 0;
    options.progress = call_progress;
    PyObject *result = NULL;
    if (stream_begin_writing(&out, file) == 0)
    {
        eventure_status status;
        PyThreadState *thread = PyEval_SaveThread();
        status = id == NULL ? eventure_cascade_print(self->reader, NULL, &options)
                 : details  ? eventure_cascade_print_event(self->reader, id, NULL, &options)
                            : eventure_cascade_print_one(self->reader, id, NULL, &options);
        PyEval_RestoreThread(thread);
        stream_end_writing(&out);
        result = handle_result(self, status);
    }
    handle_leave(self);
    return result;
}

/* --- The table --- */

PyMethodDef transfer_methods[] = {
    {"_import", handle_import, METH_VARARGS, NULL},
    {"_export", handle_export, METH_VARARGS, NULL},
    {"_extract", handle_extract, METH_VARARGS, NULL},
    {"_print", handle_print, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
