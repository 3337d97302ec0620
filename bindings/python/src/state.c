/*
 * The state at a tick, and snapshots.
 */
#include "binding.h"

#include <stddef.h>

static PyTypeObject *snapshotter_type;

/* --- The state at a tick --- */

static PyObject *handle_state_at(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *fold, *progress = Py_None;
    long long tick;
    int without_snapshots = 0;
    eventure_state_options options;
    eventure_state_options_init(&options, sizeof options);
    if (!PyArg_ParseTuple(args, "OL|pO:state_at", &fold, &tick, &without_snapshots, &progress))
        return NULL;
    options.without_snapshots = without_snapshots != 0;
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    const eventure_reducer *reducer;
    void *context;
    if (reducer_of(fold, object, &reducer, &context) != 0 || handle_enter(self) != 0)
        return NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_replay_at(self->reader, reducer, context, tick, &options);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_result(self, status);
}

static PyObject *handle_replay(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *fold;
    long long tick_min, tick_end;
    const eventure_reducer *reducer;
    void *context;
    if (!PyArg_ParseTuple(args, "OLL:replay", &fold, &tick_min, &tick_end) ||
        reducer_of(fold, object, &reducer, &context) != 0 || handle_enter(self) != 0)
        return NULL;
    eventure_status status = EVENTURE_OK;
    PyThreadState *thread = PyEval_SaveThread();
    /* The library resets the state only for ranges that start at the beginning, so this call does it for other
     * ranges. */
    if (tick_min > 0 && reducer->reset != NULL)
        status = reducer->reset(context);
    if (status == EVENTURE_OK)
        status = eventure_replay_ticks(self->reader, reducer, context, tick_min, tick_end);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_result(self, status);
}

/* --- Snapshots --- */

static int read_policy(PyObject *args, PyObject *kwargs, eventure_snapshot_policy *policy, PyObject **out_fold,
                       int *out_from_start, PyObject **out_progress)
{
    static char *names[] = {"fold",        "every_events",     "every_ticks",
                            "keep_newest", "keep_every_ticks", "drop_other_versions",
                            "from_start",  "progress",         NULL};
    long long numbers[4] = {0};
    int drop = 0;
    *out_from_start = 0;
    *out_progress = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|LLLLppO", names, out_fold, &numbers[0], &numbers[1], &numbers[2],
                                     &numbers[3], &drop, out_from_start, out_progress))
        return -1;
    eventure_snapshot_policy_init(policy, sizeof *policy);
    policy->every_events = numbers[0];
    policy->every_ticks = numbers[1];
    policy->keep_newest = numbers[2];
    policy->keep_every_ticks = numbers[3];
    policy->drop_other_versions = drop != 0;
    return 0;
}

static PyObject *handle_snapshot_take(PyObject *object, PyObject *fold)
{
    handle *self = (handle *)object;
    const eventure_reducer *reducer;
    void *context;
    if (reducer_of(fold, object, &reducer, &context) != 0 || handle_enter_log(self) != 0)
        return NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_snapshot_take(self->log, reducer, context);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_result(self, status);
}

static PyObject *handle_snapshot_build(PyObject *object, PyObject *args, PyObject *kwargs)
{
    handle *self = (handle *)object;
    PyObject *fold, *progress;
    int from_start;
    eventure_snapshot_policy policy;
    const eventure_reducer *reducer;
    void *context;
    if (read_policy(args, kwargs, &policy, &fold, &from_start, &progress) != 0 ||
        reducer_of(fold, object, &reducer, &context) != 0 || handle_enter_log(self) != 0)
        return NULL;
    eventure_snapshot_build_options options;
    eventure_snapshot_build_options_init(&options, sizeof options);
    options.policy = &policy;
    options.from_start = from_start != 0;
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    int64_t taken = 0;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_snapshot_build(self->log, reducer, context, &options, &taken);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return status == EVENTURE_OK && PyErr_Occurred() == NULL ? PyLong_FromLongLong(taken) : handle_raise(self, status);
}

static PyObject *handle_snapshot_prune(PyObject *object, PyObject *args, PyObject *kwargs)
{
    handle *self = (handle *)object;
    PyObject *fold, *progress;
    int from_start;
    eventure_snapshot_policy policy;
    const eventure_reducer *reducer;
    void *context;
    if (read_policy(args, kwargs, &policy, &fold, &from_start, &progress) != 0 ||
        reducer_of(fold, object, &reducer, &context) != 0 || handle_enter_log(self) != 0)
        return NULL;
    eventure_status status = eventure_snapshot_prune(self->log, reducer->name != NULL ? reducer->name : "reducer",
                                                     reducer->version, &policy);
    handle_leave(self);
    return handle_result(self, status);
}

static int add_snapshot(const eventure_snapshot *snapshot, void *context)
{
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
        result = add_row(context, Py_BuildValue("sLLLLd", snapshot->name, (long long)snapshot->version,
                                                (long long)snapshot->tick, (long long)snapshot->seq,
                                                (long long)snapshot->state_bytes, snapshot->created));
    callback_leave(gil);
    return result;
}

static PyObject *handle_snapshots(PyObject *object, PyObject *name)
{
    handle *self = (handle *)object;
    const char *text;
    PyObject *bytes, *list = PyList_New(0);
    if (list == NULL || optional_text(name, &text, &bytes) != 0)
    {
        Py_XDECREF(list);
        return NULL;
    }
    eventure_status status = EVENTURE_OK;
    bool entered = handle_enter(self) == 0;
    if (entered)
    {
        status = eventure_snapshot_list(self->reader, text, add_snapshot, list);
        handle_leave(self);
        if (status != EVENTURE_OK)
            handle_raise(self, status);
    }
    Py_XDECREF(bytes);
    if (!entered || status != EVENTURE_OK)
        Py_CLEAR(list);
    return list;
}

static PyObject *handle_snapshot_check(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *fold, *progress = Py_None;
    const eventure_reducer *reducer;
    void *context;
    if (!PyArg_ParseTuple(args, "O|O:snapshot_check", &fold, &progress) ||
        reducer_of(fold, object, &reducer, &context) != 0 || handle_enter(self) != 0)
        return NULL;
    eventure_state_options options;
    eventure_state_options_init(&options, sizeof options);
    options.progress = call_progress;
    options.progress_context = progress_of(progress);
    eventure_snapshot_check_report check;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_snapshot_check(self->reader, reducer, context, &options, &check);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    if (status != EVENTURE_OK || PyErr_Occurred() != NULL)
        return handle_raise(self, status);
    return Py_BuildValue("LNLLL", (long long)check.checked, PyBool_FromLong(check.differs), (long long)check.tick,
                         (long long)check.seq, (long long)check.at_bytes);
}

/* --- The type Snapshotter: snapshots while the log is written --- */

typedef struct snapshotter
{
    PyObject_HEAD dependent link;
    handle *owner;
    PyObject *fold;
    eventure_snapshotter *snapshotter;
} snapshotter;

static void snapshotter_release(dependent *link)
{
    snapshotter *self = (snapshotter *)((char *)link - offsetof(snapshotter, link));
    eventure_snapshotter_detach(self->snapshotter);
    self->snapshotter = NULL;
}

static PyObject *handle_snapshotter(PyObject *object, PyObject *args, PyObject *kwargs)
{
    handle *self = (handle *)object;
    PyObject *fold, *progress;
    int from_start;
    eventure_snapshot_policy policy;
    const eventure_reducer *reducer;
    void *context;
    if (read_policy(args, kwargs, &policy, &fold, &from_start, &progress) != 0 ||
        reducer_of(fold, object, &reducer, &context) != 0)
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(snapshotter_type, Py_tp_alloc);
    snapshotter *result = (snapshotter *)allocate(snapshotter_type, 0);
    if (result == NULL || handle_enter_log(self) != 0)
    {
        Py_XDECREF(result);
        return NULL;
    }
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_snapshotter_attach(self->log, reducer, context, &policy, &result->snapshotter);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    if (status == EVENTURE_OK)
    {
        Py_INCREF(self);
        result->owner = self;
        Py_INCREF(fold);
        result->fold = fold;
        handle_adopt(self, &result->link, snapshotter_release);
    }
    if (status == EVENTURE_OK && PyErr_Occurred() == NULL)
        return (PyObject *)result;
    Py_DECREF(result);
    return handle_raise(self, status);
}

static PyObject *snapshotter_detach(PyObject *object, PyObject *unused)
{
    (void)unused;
    snapshotter *self = (snapshotter *)object;
    if (self->snapshotter == NULL)
        Py_RETURN_NONE;
    if (handle_enter_log(self->owner) != 0)
        return NULL;
    dependent_leave(&self->link);
    snapshotter_release(&self->link);
    handle_leave(self->owner);
    Py_RETURN_NONE;
}

static PyObject *snapshotter_state(PyObject *object, void *closure)
{
    (void)closure;
    return reducer_state(((snapshotter *)object)->fold);
}

static PyObject *snapshotter_seq(PyObject *object, void *closure)
{
    (void)closure;
    snapshotter *self = (snapshotter *)object;
    if (self->snapshotter == NULL)
        return PyErr_Format(handle_error, "the snapshotter is detached");
    return PyLong_FromLongLong(eventure_snapshotter_seq(self->snapshotter));
}

static void snapshotter_dealloc(PyObject *object)
{
    snapshotter *self = (snapshotter *)object;
    PyTypeObject *type = Py_TYPE(object);
    dependent_leave(&self->link);
    if (self->owner != NULL && self->owner->process == process_number())
        eventure_snapshotter_detach(self->snapshotter);
    Py_XDECREF(self->fold);
    Py_XDECREF(self->owner);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static PyMethodDef snapshotter_methods[] = {
    {"detach", snapshotter_detach, METH_NOARGS, "Ends following the log."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef snapshotter_properties[] = {
    {"state", snapshotter_state, NULL, "The state at the end of the last complete tick.", NULL},
    {"seq", snapshotter_seq, NULL, "The newest event in the state.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot snapshotter_slots[] = {
    {Py_tp_doc, "A reducer that follows a log, and saves snapshots by a policy. Call detach() to end it."},
    {Py_tp_dealloc, snapshotter_dealloc},
    {Py_tp_methods, snapshotter_methods},
    {Py_tp_getset, snapshotter_properties},
    {0, NULL},
};

static PyType_Spec snapshotter_spec = {.name = "eventure.Snapshotter",
                                       .basicsize = sizeof(snapshotter),
                                       .flags = Py_TPFLAGS_DEFAULT,
                                       .slots = snapshotter_slots};

#define KEYWORDS(function) (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

/* --- The table --- */

PyMethodDef state_methods[] = {
    {"_state_at", handle_state_at, METH_VARARGS, NULL},
    {"_replay", handle_replay, METH_VARARGS, NULL},
    {"_snapshot_take", handle_snapshot_take, METH_O, NULL},
    {"_snapshot_build", KEYWORDS(handle_snapshot_build), NULL},
    {"_snapshot_prune", KEYWORDS(handle_snapshot_prune), NULL},
    {"_snapshots", handle_snapshots, METH_O, NULL},
    {"_snapshot_check", handle_snapshot_check, METH_VARARGS, NULL},
    {"_snapshotter", KEYWORDS(handle_snapshotter), NULL},
    {NULL, NULL, 0, NULL},
};

int state_init_type(void)
{
    snapshotter_type = (PyTypeObject *)PyType_FromSpec(&snapshotter_spec);
    return snapshotter_type != NULL ? 0 : -1;
}
