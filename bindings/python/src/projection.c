/*
 * The types Projection, a read model in SQL, and Projector, which keeps a database file up to date with a store.
 */
#include "binding.h"

#include <pythread.h>

static PyTypeObject *projection_type, *projector_type;

typedef struct projection
{
    PyObject_HEAD eventure_projection *projection;
    unsigned long thread;
    unsigned process;
} projection;

int reducer_of(PyObject *object, PyObject *store, const eventure_reducer **out_reducer, void **out_context)
{
    if (fold_reducer(object, store, out_reducer, out_context) == 0)
        return 0;
    if (!PyObject_TypeCheck(object, projection_type))
    {
        PyErr_Format(PyExc_TypeError, "expected a reducer or a projection, not %.100R", (PyObject *)Py_TYPE(object));
        return -1;
    }
    projection *self = (projection *)object;
    if (check_thread(self->thread, self->process, "the projection") != 0)
        return -1;
    *out_reducer = eventure_projection_reducer(self->projection);
    *out_context = self->projection;
    return 0;
}

/* Projection(path) or Projection(name, text) */
static PyObject *projection_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"path", "text", "max_setup_steps", "max_event_steps", "max_bytes", NULL};
    PyObject *path;
    const char *text = NULL;
    Py_ssize_t len = 0;
    long long setup = 0, event = 0, bytes = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|z#LLL:Projection", names, &path, &text, &len, &setup, &event,
                                     &bytes))
        return NULL;
    eventure_projection_options options;
    eventure_projection_options_init(&options, sizeof options);
    options.max_setup_steps = setup;
    options.max_event_steps = event;
    options.max_bytes = bytes;
    PyObject *name = path_of(path);
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    projection *self = name != NULL ? (projection *)allocate(type, 0) : NULL;
    if (self != NULL)
    {
        self->thread = PyThread_get_thread_ident();
        self->process = process_number();
        const char *shown = PyBytes_AsString(name);
        eventure_status status = text != NULL
                                     ? eventure_projection_parse(shown, text, (size_t)len, &options, &self->projection)
                                     : eventure_projection_open(shown, &options, &self->projection);
        if (status != EVENTURE_OK)
        {
            Py_CLEAR(self);
            raise_status(status, eventure_last_message());
        }
    }
    Py_XDECREF(name);
    return (PyObject *)self;
}

static void projection_dealloc(PyObject *object)
{
    projection *self = (projection *)object;
    PyTypeObject *type = Py_TYPE(object);
    if (self->process == process_number())
        eventure_projection_close(self->projection);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static PyObject *projection_image(PyObject *object, PyObject *unused)
{
    (void)unused;
    projection *self = (projection *)object;
    void *bytes;
    size_t len;
    if (check_thread(self->thread, self->process, "the projection") != 0)
        return NULL;
    eventure_status status = eventure_projection_image(self->projection, &bytes, &len);
    if (status != EVENTURE_OK)
        return raise_status(status, eventure_projection_message(self->projection));
    PyObject *image = PyBytes_FromStringAndSize(bytes, (Py_ssize_t)len);
    eventure_free(bytes);
    return image;
}

static PyMethodDef projection_methods[] = {
    {"image", projection_image, METH_NOARGS, "image() -> bytes\n\nThe state as the bytes of an SQLite database."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot projection_slots[] = {
    {Py_tp_doc,
     "Projection(path) or Projection(name, text): a read model in SQL, which can be used wherever a reducer can."},
    {Py_tp_new, projection_new},
    {Py_tp_dealloc, projection_dealloc},
    {Py_tp_methods, projection_methods},
    {0, NULL},
};

static PyType_Spec projection_spec = {.name = "eventure.Projection",
                                      .basicsize = sizeof(projection),
                                      .flags = Py_TPFLAGS_DEFAULT,
                                      .slots = projection_slots};

/* --- Projector --- */

typedef struct projector
{
    PyObject_HEAD dependent link;
    handle *owner;
    PyObject *projection, *progress;
    eventure_projector *projector;
} projector;

static void projector_release(dependent *link)
{
    projector *self = (projector *)((char *)link - offsetof(projector, link));
    eventure_projector_close(self->projector);
    self->projector = NULL;
}

/* Projector(history, projection, path, batch_events=0, progress=None) */
static PyObject *projector_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"history", "projection", "path", "batch_events", "progress", NULL};
    PyObject *history, *given, *path, *progress = Py_None;
    long long batch = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!O|LO:Projector", names, handle_type, &history, projection_type,
                                     &given, &path, &batch, &progress))
        return NULL;
    PyObject *name = path_of(path);
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    projector *self = name != NULL ? (projector *)allocate(type, 0) : NULL;
    handle *owner = (handle *)history;
    if (self != NULL && handle_enter(owner) == 0)
    {
        eventure_projector_options options;
        eventure_projector_options_init(&options, sizeof options);
        options.batch_events = batch;
        options.progress = call_progress;
        options.progress_context = progress_of(progress);
        Py_INCREF(progress);
        self->progress = progress;
        Py_INCREF(given);
        self->projection = given;
        eventure_status status = eventure_projector_open(owner->reader, ((projection *)given)->projection,
                                                         PyBytes_AsString(name), &options, &self->projector);
        handle_leave(owner);
        if (status == EVENTURE_OK)
        {
            Py_INCREF(owner);
            self->owner = owner;
            handle_adopt(owner, &self->link, projector_release);
        }
        else
        {
            Py_CLEAR(self);
            raise_status(status, eventure_last_message());
        }
    }
    else
        Py_CLEAR(self);
    Py_XDECREF(name);
    return (PyObject *)self;
}

static void projector_dealloc(PyObject *object)
{
    projector *self = (projector *)object;
    PyTypeObject *type = Py_TYPE(object);
    dependent_leave(&self->link);
    if (self->owner != NULL && self->owner->process == process_number())
        eventure_projector_close(self->projector);
    Py_XDECREF(self->projection);
    Py_XDECREF(self->progress);
    Py_XDECREF(self->owner);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static int projector_enter(projector *self)
{
    if (self->owner == NULL || self->projector == NULL)
    {
        PyErr_SetString(handle_error, "the projector is closed");
        return -1;
    }
    return handle_enter(self->owner);
}

static PyObject *projector_update(PyObject *object, PyObject *unused)
{
    (void)unused;
    projector *self = (projector *)object;
    if (projector_enter(self) != 0)
        return NULL;
    int64_t events = 0;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_projector_update(self->projector, &events);
    PyEval_RestoreThread(thread);
    handle_leave(self->owner);
    if (status != EVENTURE_OK || PyErr_Occurred() != NULL)
        return raise_status(status, eventure_projector_message(self->projector));
    return PyLong_FromLongLong(events);
}

static PyObject *projector_wait(PyObject *object, PyObject *timeout)
{
    projector *self = (projector *)object;
    long timeout_ms = PyLong_AsLong(timeout);
    if ((timeout_ms == -1 && PyErr_Occurred() != NULL) || projector_enter(self) != 0)
        return NULL;
    bool changed;
    PyThreadState *thread = PyEval_SaveThread();
    changed = eventure_projector_wait(self->projector, (int)timeout_ms);
    PyEval_RestoreThread(thread);
    handle_leave(self->owner);
    return PyErr_CheckSignals() == 0 ? PyBool_FromLong(changed) : NULL;
}

static PyObject *projector_close(PyObject *object, PyObject *unused)
{
    (void)unused;
    projector *self = (projector *)object;
    if (self->projector == NULL)
        Py_RETURN_NONE;
    if (projector_enter(self) != 0)
        return NULL;
    handle_leave(self->owner);
    dependent_leave(&self->link);
    eventure_status status = eventure_projector_close(self->projector);
    self->projector = NULL;
    if (status != EVENTURE_OK)
        return raise_status(status, eventure_last_message());
    Py_RETURN_NONE;
}

static PyObject *projector_seq(PyObject *object, void *closure)
{
    (void)closure;
    projector *self = (projector *)object;
    if (projector_enter(self) != 0)
        return NULL;
    handle_leave(self->owner);
    return PyLong_FromLongLong(eventure_projector_seq(self->projector));
}

static PyObject *projector_rebuilt(PyObject *object, void *closure)
{
    (void)closure;
    projector *self = (projector *)object;
    if (projector_enter(self) != 0)
        return NULL;
    handle_leave(self->owner);
    return Py_BuildValue("z", eventure_projector_rebuilt(self->projector));
}

static PyMethodDef projector_methods[] = {
    {"update", projector_update, METH_NOARGS, "update() -> int\n\nApplies the new events; how many they were."},
    {"wait", projector_wait, METH_O, "wait(timeout_ms) -> bool\n\nWaits until there may be new events."},
    {"close", projector_close, METH_NOARGS,
     "Closes the database; an error says that not everything could be moved into its one file."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef projector_properties[] = {
    {"seq", projector_seq, NULL, "The newest event whose effects are in the file.", NULL},
    {"rebuilt", projector_rebuilt, NULL, "Why the file is built from the start, or None.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot projector_slots[] = {
    {Py_tp_doc,
     "Projector(history, projection, path, batch_events=0, progress=None): keeps a database file up to date."},
    {Py_tp_new, projector_new},
    {Py_tp_dealloc, projector_dealloc},
    {Py_tp_methods, projector_methods},
    {Py_tp_getset, projector_properties},
    {0, NULL},
};

static PyType_Spec projector_spec = {.name = "eventure.Projector",
                                     .basicsize = sizeof(projector),
                                     .flags = Py_TPFLAGS_DEFAULT,
                                     .slots = projector_slots};

int projection_init_types(PyObject *module)
{
    projection_type = (PyTypeObject *)PyType_FromSpec(&projection_spec);
    projector_type = (PyTypeObject *)PyType_FromSpec(&projector_spec);
    if (projection_type == NULL || projector_type == NULL)
        return -1;
    Py_INCREF(projection_type);
    Py_INCREF(projector_type);
    return PyModule_AddObject(module, "Projection", (PyObject *)projection_type) == 0
               ? PyModule_AddObject(module, "Projector", (PyObject *)projector_type)
               : -1;
}
