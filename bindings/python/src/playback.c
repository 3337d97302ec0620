/*
 * The type Playback: a state that can be moved forwards and backwards through a history.
 */
#include "binding.h"

#include <stddef.h>

static PyTypeObject *playback_type;

/* --- The type Playback --- */

typedef struct playback
{
    PyObject_HEAD dependent link;
    handle *owner;
    PyObject *fold;
    eventure_playback *playback;
    bool moves; /* a call is moving the playback, so callbacks of this call must not move it */
} playback;

static void playback_release(dependent *link)
{
    playback *self = (playback *)((char *)link - offsetof(playback, link));
    eventure_playback_free(self->playback);
    self->playback = NULL;
}

static PyObject *handle_playback(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *fold;
    long long every = 0, bytes = 0;
    const eventure_reducer *reducer;
    void *context;
    if (!PyArg_ParseTuple(args, "O|LL:playback", &fold, &every, &bytes) ||
        reducer_of(fold, object, &reducer, &context) != 0)
        return NULL;
    eventure_playback_options options;
    eventure_playback_options_init(&options, sizeof options);
    options.cache_every_events = every;
    options.max_cache_bytes = bytes;
    allocfunc allocate = (allocfunc)PyType_GetSlot(playback_type, Py_tp_alloc);
    playback *result = (playback *)allocate(playback_type, 0);
    if (result == NULL || handle_enter(self) != 0)
    {
        Py_XDECREF(result);
        return NULL;
    }
    eventure_status status = eventure_playback_new(self->reader, reducer, context, &options, &result->playback);
    handle_leave(self);
    if (status == EVENTURE_OK)
    {
        Py_INCREF(self);
        result->owner = self;
        Py_INCREF(fold);
        result->fold = fold;
        handle_adopt(self, &result->link, playback_release);
    }
    if (status == EVENTURE_OK && PyErr_Occurred() == NULL)
        return (PyObject *)result;
    Py_DECREF(result);
    return handle_raise(self, status);
}

static int playback_enter(playback *self)
{
    if (handle_enter(self->owner) != 0)
        return -1;
    if (self->playback != NULL)
        return 0;
    handle_leave(self->owner);
    PyErr_SetString(handle_error, "the store of the playback is closed");
    return -1;
}

static int playback_begin_move(playback *self)
{
    if (playback_enter(self) != 0)
        return -1;
    if (self->moves)
    {
        handle_leave(self->owner);
        PyErr_SetString(handle_error, "the playback cannot be moved by a callback of its own move");
        return -1;
    }
    self->moves = true;
    return 0;
}

/* Returns True when the move was complete, False when the history ended before. */
static PyObject *playback_end_move(playback *self, eventure_status status)
{
    self->moves = false;
    handle_leave(self->owner);
    if (status < 0 || PyErr_Occurred() != NULL)
        return handle_raise(self->owner, status);
    return PyBool_FromLong(status == EVENTURE_ROW);
}

#define PLAYBACK_MOVE(name, call)                                                                                      \
    static PyObject *name(PyObject *object, PyObject *number)                                                          \
    {                                                                                                                  \
        playback *self = (playback *)object;                                                                           \
        long long value = PyLong_AsLongLong(number);                                                                   \
        if ((value == -1 && PyErr_Occurred() != NULL) || playback_begin_move(self) != 0)                               \
            return NULL;                                                                                               \
        PyThreadState *thread = PyEval_SaveThread();                                                                   \
        eventure_status status = call(self->playback, value);                                                          \
        PyEval_RestoreThread(thread);                                                                                  \
        return playback_end_move(self, status);                                                                        \
    }

PLAYBACK_MOVE(playback_seek_tick, eventure_playback_seek_tick)
PLAYBACK_MOVE(playback_seek_seq, eventure_playback_seek_seq)
PLAYBACK_MOVE(playback_step_events, eventure_playback_step_events)
PLAYBACK_MOVE(playback_step_ticks, eventure_playback_step_ticks)

/* run(question, condition, backwards); the condition is (state, event) -> bool. */
static PyObject *playback_run(PyObject *object, PyObject *args)
{
    playback *self = (playback *)object;
    PyObject *spec, *condition;
    int backwards;
    question question;
    if (!PyArg_ParseTuple(args, "OOp:run", &spec, &condition, &backwards))
        return NULL;
    if (condition != Py_None && !is_fold(self->fold))
        return PyErr_Format(PyExc_TypeError, "a condition needs a reducer in Python");
    if (question_read(spec, &question) != 0)
        return NULL;
    eventure_playback_until until;
    eventure_playback_until_init(&until, sizeof until);
    until.event = spec != Py_None ? &question.filter : NULL;
    until.state = condition != Py_None ? fold_ask_condition : NULL;
    until.backwards = backwards != 0;
    PyObject *result = NULL;
    if (playback_begin_move(self) == 0)
    {
        if (condition != Py_None)
            fold_set_condition(self->fold, condition); /* borrowed: the caller owns the condition during this call */
        eventure_status status;
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_playback_run(self->playback, &until);
        PyEval_RestoreThread(thread);
        if (condition != Py_None)
            fold_set_condition(self->fold, NULL);
        result = playback_end_move(self, status);
    }
    question_clear(&question);
    return result;
}

static PyObject *playback_position(PyObject *object, void *closure)
{
    (void)closure;
    playback *self = (playback *)object;
    if (playback_enter(self) != 0)
        return NULL;
    eventure_position position;
    eventure_status status = eventure_playback_position(self->playback, &position);
    handle_leave(self->owner);
    if (status != EVENTURE_OK)
        return handle_raise(self->owner, status);
    return Py_BuildValue("LLN", (long long)position.seq, (long long)position.tick, PyBool_FromLong(position.at_end));
}

static PyObject *playback_event(PyObject *object, void *closure)
{
    (void)closure;
    playback *self = (playback *)object;
    if (playback_enter(self) != 0)
        return NULL;
    eventure_event event;
    eventure_status status = eventure_playback_event(self->playback, &event);
    handle_leave(self->owner);
    if (status < 0)
        return handle_raise(self->owner, status);
    if (status == EVENTURE_DONE)
        Py_RETURN_NONE;
    return event_new(&event, (PyObject *)self->owner);
}

static PyObject *playback_state(PyObject *object, void *closure)
{
    (void)closure;
    return reducer_state(((playback *)object)->fold);
}

static void playback_dealloc(PyObject *object)
{
    playback *self = (playback *)object;
    PyTypeObject *type = Py_TYPE(object);
    dependent_leave(&self->link);
    if (self->owner != NULL && self->owner->process == process_number())
        eventure_playback_free(self->playback);
    Py_XDECREF(self->fold);
    Py_XDECREF(self->owner);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static PyMethodDef playback_methods[] = {
    {"seek_tick", playback_seek_tick, METH_O, "seek_tick(tick)\n\nMoves to the end of a tick; -1 is the start."},
    {"seek_seq", playback_seek_seq, METH_O,
     "seek_seq(seq)\n\nMoves to the position right after an event; 0 is the start."},
    {"step_events", playback_step_events, METH_O,
     "step_events(count) -> bool\n\nMoves by `count` events, backwards when it is negative; False when the history "
     "ended\n"
     "earlier."},
    {"step_ticks", playback_step_ticks, METH_O,
     "step_ticks(count) -> bool\n\nMoves by `count` ticks, as step_events does by events."},
    {"_run", playback_run, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef playback_properties[] = {
    {"_position", playback_position, NULL, NULL, NULL},
    {"event", playback_event, NULL, "The last event in the state, or None at the start.", NULL},
    {"state", playback_state, NULL, "The state at the position.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot playback_slots[] = {
    {Py_tp_doc, "A state that can be moved through its history."},
    {Py_tp_dealloc, playback_dealloc},
    {Py_tp_methods, playback_methods},
    {Py_tp_getset, playback_properties},
    {0, NULL},
};

static PyType_Spec playback_spec = {
    .name = "_eventure.Playback", .basicsize = sizeof(playback), .flags = Py_TPFLAGS_DEFAULT, .slots = playback_slots};

/* --- The table --- */

PyMethodDef playback_handle_methods[] = {
    {"_playback", handle_playback, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

int playback_init_type(void)
{
    playback_type = (PyTypeObject *)PyType_FromSpec(&playback_spec);
    return playback_type != NULL ? 0 : -1;
}
