/*
 * Digests, verify, diff, repair, upgrade.
 */
#include "binding.h"

#include <string.h>

/* --- Integrity --- */

static PyObject *handle_digest(PyObject *object, PyObject *tick)
{
    handle *self = (handle *)object;
    long long at_tick = tick != Py_None ? PyLong_AsLongLong(tick) : EVENTURE_TICK_NEWEST;
    if ((at_tick == -1 && PyErr_Occurred() != NULL) || handle_enter(self) != 0)
        return NULL;
    eventure_digests digests;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_store_digest(self->reader, at_tick, &digests);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    if (status != EVENTURE_OK)
        return handle_raise(self, status);
    return Py_BuildValue("LLss", (long long)digests.tick, (long long)digests.seq, digests.run, digests.full);
}

static PyObject *text_of(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

/* _verify(quick, reducers, progress) */
static PyObject *handle_verify(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    int quick;
    PyObject *reducers, *progress;
    eventure_reducer_state states[MOST_REDUCERS];
    eventure_verify_options options;
    eventure_verify_options_init(&options, sizeof options);
    if (!PyArg_ParseTuple(args, "pOO:verify", &quick, &reducers, &progress) ||
        read_reducers(reducers, object, states, &options.reducers_count) != 0 || handle_enter(self) != 0)
        return NULL;
    options.quick = quick != 0;
    options.reducers = options.reducers_count > 0 ? states : NULL;
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    eventure_verify_report report;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_store_verify(self->reader, &options, &report);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    if (status != EVENTURE_OK || PyErr_Occurred() != NULL)
        return handle_raise(self, status);
    return Py_BuildValue("NLLLLNLL", PyBool_FromLong(report.is_sound), (long long)report.events,
                         (long long)report.ticks, (long long)report.trusted_tick, (long long)report.trusted_seq,
                         text_of(report.problem), (long long)report.snapshots, (long long)report.snapshots_unchecked);
}

static PyObject *event_or_none(const eventure_event *event, PyObject *store)
{
    if (event != NULL)
        return event_new(event, store);
    Py_RETURN_NONE;
}

static PyObject *handle_diff(PyObject *object, PyObject *other)
{
    handle *self = (handle *)object;
    if (!PyObject_TypeCheck(other, handle_type))
        return PyErr_Format(PyExc_TypeError, "expected a store, not %.100R", (PyObject *)Py_TYPE(other));
    handle *right = (handle *)other;
    if (handle_enter(self) != 0)
        return NULL;
    if (handle_enter(right) != 0)
    {
        handle_leave(self);
        return NULL;
    }
    eventure_difference difference;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_store_diff(self->reader, right->reader, &difference);
    PyEval_RestoreThread(thread);
    handle_leave(right);
    handle_leave(self);
    if (status != EVENTURE_OK)
        return handle_raise(self, status);
    PyObject *result = Py_BuildValue("NLLNN", PyBool_FromLong(difference.differ), (long long)difference.common_seq,
                                     (long long)difference.common_tick, event_or_none(difference.left, object),
                                     event_or_none(difference.right, other));
    eventure_difference_clear(&difference);
    return result;
}

static int call_loss(const eventure_repair_loss *loss, void *context)
{
    PyGILState_STATE gil;
    bool go_on = callback_enter(&gil);
    if (go_on && context != NULL)
    {
        PyObject *answer = PyObject_CallFunction(context, "LLLs", (long long)loss->tick, (long long)loss->first_seq,
                                                 (long long)loss->last_seq, loss->why);
        go_on = answer != NULL && answer != Py_False;
        Py_XDECREF(answer);
    }
    callback_leave(gil);
    return go_on ? 0 : 1;
}

/* _repair(path, loss, progress) */
static PyObject *handle_repair(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *path, *loss, *progress;
    if (!PyArg_ParseTuple(args, "OOO:repair", &path, &loss, &progress))
        return NULL;
    eventure_repair_options options;
    eventure_repair_options_init(&options, sizeof options);
    options.loss = call_loss;
    options.loss_context = progress_of(loss);
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    PyObject *name = path_of(path), *result = NULL;
    if (name != NULL && handle_enter(self) == 0)
    {
        const char *text = PyBytes_AsString(name);
        eventure_repair_report report;
        eventure_status status;
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_store_repair(self->reader, text, &options, &report);
        PyEval_RestoreThread(thread);
        handle_leave(self);
        result = status != EVENTURE_OK || PyErr_Occurred() != NULL
                     ? handle_raise(self, status)
                     : Py_BuildValue("LLLLNN", (long long)report.events, (long long)report.ticks,
                                     (long long)report.lost_events, (long long)report.lost_ticks,
                                     PyBool_FromLong(report.has_gaps), text_of(report.first_loss));
    }
    Py_XDECREF(name);
    return result;
}

/* upgrade(path, new_path, replace, backup) */
static PyObject *upgrade(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *path, *new_path;
    int replace, backup;
    if (!PyArg_ParseTuple(args, "OOpp:upgrade", &path, &new_path, &replace, &backup))
        return NULL;
    PyObject *name = path_of(path);
    PyObject *new_name = name != NULL && new_path != Py_None ? path_of(new_path) : NULL;
    PyObject *result = NULL;
    if (PyErr_Occurred() == NULL)
    {
        eventure_upgrade_options options;
        eventure_upgrade_options_init(&options, sizeof options);
        options.new_path = new_name != NULL ? PyBytes_AsString(new_name) : NULL;
        options.replace = replace != 0;
        options.without_backup = !backup;
        const char *text = PyBytes_AsString(name);
        eventure_upgrade_report report;
        eventure_status status;
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_store_upgrade(text, &options, &report);
        PyEval_RestoreThread(thread);
        result = status != EVENTURE_OK ? raise_status(status, eventure_last_message())
                                       : Py_BuildValue("LLN", (long long)report.from_format,
                                                       (long long)report.to_format, text_of(report.backup));
    }
    Py_XDECREF(name);
    Py_XDECREF(new_name);
    return result;
}

/* --- The table --- */

PyMethodDef integrity_methods[] = {
    {"_digest", handle_digest, METH_O, NULL},
    {"_verify", handle_verify, METH_VARARGS, NULL},
    {"_diff", handle_diff, METH_O, NULL},
    {"_repair", handle_repair, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyMethodDef integrity_functions[] = {
    {"_upgrade", upgrade, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
