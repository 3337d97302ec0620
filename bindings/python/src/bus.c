/*
 * The type Bus: handlers in Python on a bus of the library.
 *
 * Each call that dispatches has a frame, which makes the object of the event once. So all handlers of an event get the
 * same object, and publish returns it.
 */
#include "binding.h"

#include <pythread.h>

static PyTypeObject *bus_type;

typedef struct frame
{
    struct frame *outer;
    const append_call *call; /* the arguments of publish; NULL for other calls */
    PyObject *made;
    int64_t seq;
} frame;

typedef struct subscription
{
    struct subscription *next;
    struct bus *bus;
    PyObject *handler;
    eventure_subscription number;
} subscription;

typedef struct bus
{
    PyObject_HEAD dependent link;
    handle *owner; /* NULL: the bus only dispatches */
    eventure_bus *bus;
    frame *frame;
    subscription *subscriptions;
    PyObject *folds; /* owns the folds of the bus */
    unsigned long thread;
    unsigned process;
} bus;

/* --- Handlers --- */

/* Returns the event that is being dispatched; borrowed. */
static PyObject *frame_event(bus *self, const eventure_event *event)
{
    frame *frame = self->frame;
    if (frame->made != NULL && frame->seq == event->seq)
        return frame->made;
    PyObject *store = (PyObject *)self->owner;
    PyObject *made = frame->call != NULL ? append_event(frame->call, event, store) : event_new(event, store);
    replace_reference(&frame->made, made);
    frame->seq = event->seq;
    return made;
}

static int hear(const eventure_event *event, void *context)
{
    subscription *subscription = context;
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
    {
        PyObject *handler = subscription->handler; /* keeps a reference, because the handler may unsubscribe itself */
        PyObject *made = frame_event(subscription->bus, event);
        Py_INCREF(handler);
        PyObject *answer = made != NULL ? PyObject_CallFunctionObjArgs(handler, made, NULL) : NULL;
        result = answer != NULL ? 0 : EVENTURE_ERROR_HANDLER;
        Py_XDECREF(answer);
        Py_DECREF(handler);
    }
    callback_leave(gil);
    return result;
}

/* --- Entering --- */

static int bus_enter(bus *self)
{
    if (self->owner != NULL && handle_enter_log(self->owner) != 0)
        return -1;
    if (self->owner == NULL && check_thread(self->thread, self->process, "the bus") != 0)
        return -1;
    if (self->bus != NULL)
        return 0;
    if (self->owner != NULL)
        handle_leave(self->owner);
    PyErr_SetString(handle_error, "the log of the bus is closed");
    return -1;
}

static void bus_leave(bus *self)
{
    if (self->owner != NULL)
        handle_leave(self->owner);
}

static PyObject *bus_raise(bus *self, eventure_status status)
{
    return raise_status(status, self->bus != NULL ? eventure_bus_message(self->bus) : eventure_last_message());
}

static void bus_release(dependent *link)
{
    bus *self = (bus *)((char *)link - offsetof(bus, link));
    eventure_bus_free(self->bus);
    self->bus = NULL;
}

/* Bus(log, max_depth=0); log may be None. */
static int bus_init(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"event_log", "max_depth", NULL};
    bus *self = (bus *)object;
    PyObject *log;
    eventure_bus_options options;
    eventure_bus_options_init(&options, sizeof options);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|i:Bus", names, &log, &options.max_depth))
        return -1;
    if (self->bus != NULL)
    {
        PyErr_SetString(handle_error, "the bus was made already");
        return -1;
    }
    if (log != Py_None && !PyObject_TypeCheck(log, handle_type))
    {
        PyErr_Format(PyExc_TypeError, "a bus needs a log or None, not %.100R", (PyObject *)Py_TYPE(log));
        return -1;
    }
    handle *owner = log != Py_None ? (handle *)log : NULL;
    if (owner != NULL && handle_enter_log(owner) != 0)
        return -1;
    eventure_status status = eventure_bus_new(owner != NULL ? owner->log : NULL, &options, &self->bus);
    if (owner != NULL)
        handle_leave(owner);
    if (status != EVENTURE_OK)
    {
        raise_status(status, eventure_last_message());
        return -1;
    }
    self->thread = PyThread_get_thread_ident();
    self->process = process_number();
    if (owner != NULL)
    {
        Py_INCREF(owner);
        Py_XDECREF(self->owner);
        self->owner = owner;
        handle_adopt(owner, &self->link, bus_release);
    }
    return 0;
}

static int bus_traverse(PyObject *object, visitproc visit, void *arg)
{
    bus *self = (bus *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->owner);
    Py_VISIT(self->folds);
    for (subscription *each = self->subscriptions; each != NULL; each = each->next)
        Py_VISIT(each->handler);
    return 0;
}

static int bus_clear(PyObject *object)
{
    bus *self = (bus *)object;
    dependent_leave(&self->link);
    if (self->process == process_number())
        eventure_bus_free(self->bus);
    self->bus = NULL;
    while (self->subscriptions != NULL)
    {
        subscription *first = self->subscriptions;
        self->subscriptions = first->next;
        Py_DECREF(first->handler);
        PyMem_Free(first);
    }
    Py_CLEAR(self->folds);
    Py_CLEAR(self->owner);
    return 0;
}

static void bus_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    bus_clear(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* --- Subscribing --- */

static PyObject *bus_subscribe(PyObject *object, PyObject *args)
{
    bus *self = (bus *)object;
    PyObject *pattern, *handler, *bytes;
    const char *text;
    if (!PyArg_ParseTuple(args, "UO:subscribe", &pattern, &handler) || optional_text(pattern, &text, &bytes) != 0)
        return NULL;
    subscription *made = NULL;
    PyObject *result = NULL;
    if (!PyCallable_Check(handler))
        PyErr_Format(PyExc_TypeError, "a handler must be callable, but %R is not", handler);
    else if (bus_enter(self) == 0)
    {
        made = PyMem_Calloc(1, sizeof *made);
        eventure_status status = EVENTURE_ERROR_MEMORY;
        if (made != NULL)
        {
            made->bus = self;
            made->handler = handler;
            status = eventure_bus_subscribe(self->bus, text, hear, made, &made->number);
        }
        if (status == EVENTURE_OK)
        {
            Py_INCREF(handler);
            made->next = self->subscriptions;
            self->subscriptions = made;
            result = PyLong_FromUnsignedLongLong(made->number);
        }
        else
        {
            PyMem_Free(made);
            bus_raise(self, status);
        }
        bus_leave(self);
    }
    Py_DECREF(bytes);
    return result;
}

/* Ends a subscription by its number. Returns whether it existed. */
static PyObject *bus_unsubscribe(PyObject *object, PyObject *number)
{
    bus *self = (bus *)object;
    unsigned long long wanted = PyLong_AsUnsignedLongLong(number);
    if (PyErr_Occurred() != NULL || bus_enter(self) != 0)
        return NULL;
    eventure_status status = eventure_bus_unsubscribe(self->bus, wanted);
    bus_leave(self);
    if (status != EVENTURE_OK)
        Py_RETURN_FALSE;
    for (subscription **at = &self->subscriptions; *at != NULL; at = &(*at)->next)
        if ((*at)->number == wanted)
        {
            subscription *ended = *at;
            *at = ended->next;
            Py_DECREF(ended->handler);
            PyMem_Free(ended);
            break;
        }
    Py_RETURN_TRUE;
}

/* --- Publishing --- */

static void push_frame(bus *self, frame *frame, const append_call *call, PyObject *made, int64_t seq)
{
    Py_XINCREF(made);
    frame->outer = self->frame;
    frame->call = call;
    frame->made = made;
    frame->seq = seq;
    self->frame = frame;
}

/* Ends the frame. The caller owns its event, which is returned. */
static PyObject *pop_frame(bus *self, frame *frame)
{
    self->frame = frame->outer;
    return frame->made;
}

static PyObject *bus_publish(PyObject *object, PyObject *args, PyObject *kwargs)
{
    bus *self = (bus *)object;
    append_call call;
    frame frame;
    if (self->owner == NULL)
    {
        PyErr_SetString(PyExc_ValueError, "EventBus requires an EventLog to publish events");
        return NULL;
    }
    if (bus_enter(self) != 0)
        return NULL;
    if (append_read((PyObject *)self->owner, args, kwargs, true, &call) != 0)
    {
        bus_leave(self);
        return NULL;
    }
    eventure_event appended;
    eventure_status status;
    push_frame(self, &frame, &call, NULL, 0);
    if (self->owner->releases_gil)
    {
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_bus_publish_input(self->bus, &call.input, &appended);
        PyEval_RestoreThread(thread);
    }
    else
        status = eventure_bus_publish_input(self->bus, &call.input, &appended);
    if (status == EVENTURE_OK && PyErr_Occurred() == NULL)
        frame_event(self, &appended);
    PyObject *result = pop_frame(self, &frame);
    if (status != EVENTURE_OK || PyErr_Occurred() != NULL)
    {
        Py_CLEAR(result);
        bus_raise(self, status);
    }
    append_clear(&call);
    bus_leave(self);
    return result;
}

static PyObject *bus_dispatch(PyObject *object, PyObject *given)
{
    bus *self = (bus *)object;
    if (!PyObject_TypeCheck(given, event_type))
        return PyErr_Format(PyExc_TypeError, "dispatch needs an Event, not %.100R", (PyObject *)Py_TYPE(given));
    eventure_event raw;
    PyObject *refs[4];
    frame frame;
    if (bus_enter(self) != 0)
        return NULL;
    if (event_borrow((event *)given, &raw, refs) != 0)
    {
        bus_leave(self);
        return NULL;
    }
    push_frame(self, &frame, NULL, given, raw.seq);
    eventure_status status = eventure_bus_dispatch(self->bus, &raw);
    Py_XDECREF(pop_frame(self, &frame));
    for (int i = 0; i < 4; i++)
        Py_XDECREF(refs[i]);
    PyObject *result = NULL;
    if (status != EVENTURE_OK || PyErr_Occurred() != NULL)
        bus_raise(self, status);
    else
    {
        Py_INCREF(Py_None);
        result = Py_None;
    }
    bus_leave(self);
    return result;
}

/* Keeps the state of a fold up to date. */
static PyObject *bus_fold(PyObject *object, PyObject *fold)
{
    bus *self = (bus *)object;
    const eventure_reducer *reducer;
    void *context;
    if (self->folds == NULL && (self->folds = PyList_New(0)) == NULL)
        return NULL;
    if (bus_enter(self) != 0)
        return NULL;
    eventure_status status = EVENTURE_ERROR_ARGUMENT;
    /* The list gets the fold first, because the library uses it until the bus is freed. */
    if (reducer_of(fold, (PyObject *)self->owner, &reducer, &context) == 0 && PyList_Append(self->folds, fold) == 0)
        status = eventure_bus_fold(self->bus, reducer, context);
    PyObject *result = NULL;
    if (status != EVENTURE_OK || PyErr_Occurred() != NULL)
        bus_raise(self, status);
    else
    {
        Py_INCREF(fold);
        result = fold;
    }
    bus_leave(self);
    return result;
}

static PyObject *bus_log(PyObject *object, void *closure)
{
    (void)closure;
    PyObject *owner = (PyObject *)((bus *)object)->owner;
    owner = owner != NULL ? owner : Py_None;
    Py_INCREF(owner);
    return owner;
}

static PyMethodDef bus_methods[] = {
    {"_subscribe", bus_subscribe, METH_VARARGS, NULL},
    {"_unsubscribe", bus_unsubscribe, METH_O, NULL},
    {"publish", (PyCFunction)(void (*)(void))bus_publish, METH_VARARGS | METH_KEYWORDS,
     "publish(type, data=None, parent=None, *, id=None, timestamp=None) -> Event\n\n"
     "Appends an event, and calls the handlers of its type. (event_type and parent_event are other names of type and "
     "parent.)"},
    {"dispatch", bus_dispatch, METH_O,
     "dispatch(event)\n\nCalls the handlers of the event's type, without appending it."},
    {"_fold", bus_fold, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef bus_properties[] = {
    {"log", bus_log, NULL, "The log, or None.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot bus_slots[] = {
    {Py_tp_doc, "A bus on a log."}, {Py_tp_new, PyType_GenericNew}, {Py_tp_init, bus_init},
    {Py_tp_dealloc, bus_dealloc},   {Py_tp_traverse, bus_traverse}, {Py_tp_clear, bus_clear},
    {Py_tp_methods, bus_methods},   {Py_tp_getset, bus_properties}, {0, NULL},
};

static PyType_Spec bus_spec = {.name = "_eventure.Bus",
                               .basicsize = sizeof(bus),
                               .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                               .slots = bus_slots};

int bus_init_type(PyObject *module)
{
    bus_type = (PyTypeObject *)PyType_FromSpec(&bus_spec);
    if (bus_type == NULL)
        return -1;
    Py_INCREF(bus_type);
    return PyModule_AddObject(module, "Bus", (PyObject *)bus_type);
}
