/*
 * The type Follower: returns the events of a store, and then waits for new events.
 */
#include "binding.h"

#include <pythread.h>

static PyTypeObject *follower_type;

typedef struct follower
{
    PyObject_HEAD eventure_follower *follow;
    question question; /* the library borrows its filter */
    bool has_question;
    unsigned long thread;
    unsigned process;
    int calls;
} follower;

/* Follower(path, name, question, from_end, position_path) */
static PyObject *follower_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)kwargs;
    PyObject *path, *spec, *position;
    const char *name;
    int from_end;
    if (!PyArg_ParseTuple(args, "OzOpO:Follower", &path, &name, &spec, &from_end, &position))
        return NULL;
    PyObject *path_bytes = path_of(path);
    PyObject *position_bytes = path_bytes != NULL && position != Py_None ? path_of(position) : NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    follower *self = PyErr_Occurred() == NULL ? (follower *)allocate(type, 0) : NULL;
    if (self != NULL)
    {
        self->thread = PyThread_get_thread_ident();
        self->process = process_number();
        self->has_question = question_read(spec, &self->question) == 0;
        if (!self->has_question)
            Py_CLEAR(self);
    }
    if (self != NULL)
    {
        eventure_follower_options options;
        eventure_follower_options_init(&options, sizeof options);
        options.filter = &self->question.filter;
        options.from_end = from_end != 0;
        options.position_path = position_bytes != NULL ? PyBytes_AsString(position_bytes) : NULL;
        eventure_follower *opened = NULL;
        const char *text = PyBytes_AsString(path_bytes);
        eventure_status status;
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_follower_open(text, name, &options, &opened);
        PyEval_RestoreThread(thread);
        self->follow = opened;
        if (status != EVENTURE_OK)
        {
            Py_CLEAR(self);
            raise_status(status, eventure_last_message());
        }
    }
    Py_XDECREF(path_bytes);
    Py_XDECREF(position_bytes);
    return (PyObject *)self;
}

static void follower_dealloc(PyObject *object)
{
    follower *self = (follower *)object;
    PyTypeObject *type = Py_TYPE(object);
    if (self->process == process_number())
        eventure_follower_close(self->follow);
    if (self->has_question)
        question_clear(&self->question);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static int follower_enter(follower *self)
{
    if (self->follow == NULL)
    {
        PyErr_SetString(handle_error, "the follower is closed");
        return -1;
    }
    return check_thread(self->thread, self->process, "the follower");
}

/* next(timeout_ms): returns the next event, or None when there is none within this time. */
static PyObject *follower_next(PyObject *object, PyObject *timeout)
{
    follower *self = (follower *)object;
    long timeout_ms = PyLong_AsLong(timeout);
    if ((timeout_ms == -1 && PyErr_Occurred() != NULL) || follower_enter(self) != 0)
        return NULL;
    eventure_event event;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_follower_next(self->follow, (int)timeout_ms, &event);
    PyEval_RestoreThread(thread);
    if (status == EVENTURE_ROW)
        return event_new(&event, NULL);
    if (status < 0)
        return raise_status(status, eventure_follower_message(self->follow));
    if (PyErr_CheckSignals() != 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *follower_commit(PyObject *object, PyObject *unused)
{
    (void)unused;
    follower *self = (follower *)object;
    if (follower_enter(self) != 0)
        return NULL;
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_follower_commit(self->follow);
    PyEval_RestoreThread(thread);
    if (status != EVENTURE_OK)
        return raise_status(status, eventure_follower_message(self->follow));
    Py_RETURN_NONE;
}

static PyObject *follower_close(PyObject *object, PyObject *unused)
{
    (void)unused;
    follower *self = (follower *)object;
    if (self->follow == NULL)
        Py_RETURN_NONE;
    if (follower_enter(self) != 0)
        return NULL;
    eventure_follower *follow = self->follow;
    self->follow = NULL;
    eventure_follower_close(follow);
    Py_RETURN_NONE;
}

static PyObject *follower_seq(PyObject *object, void *closure)
{
    (void)closure;
    follower *self = (follower *)object;
    return follower_enter(self) == 0 ? PyLong_FromLongLong(eventure_follower_seq(self->follow)) : NULL;
}

static PyMethodDef follower_methods[] = {
    {"_next", follower_next, METH_O, NULL},
    {"commit", follower_commit, METH_NOARGS, "Saves the position after the last returned event."},
    {"close", follower_close, METH_NOARGS, "Closes the follower; the committed position stays in its file."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef follower_properties[] = {
    {"seq", follower_seq, NULL, "All events up to this seq were returned, or do not match.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot follower_slots[] = {
    {Py_tp_doc, "A follower of the events of a store."},
    {Py_tp_new, follower_new},
    {Py_tp_dealloc, follower_dealloc},
    {Py_tp_methods, follower_methods},
    {Py_tp_getset, follower_properties},
    {0, NULL},
};

static PyType_Spec follower_spec = {.name = "_eventure.Follower",
                                    .basicsize = sizeof(follower),
                                    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                                    .slots = follower_slots};

static PyObject *follow_forget(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *path;
    const char *name;
    if (!PyArg_ParseTuple(args, "Os:follow_forget", &path, &name))
        return NULL;
    PyObject *bytes = path_of(path);
    if (bytes == NULL)
        return NULL;
    eventure_status status = eventure_follower_forget(PyBytes_AsString(bytes), name);
    Py_DECREF(bytes);
    if (status != EVENTURE_OK)
        return raise_status(status, eventure_last_message());
    Py_RETURN_NONE;
}

PyMethodDef follow_functions[] = {
    {"follow_forget", follow_forget, METH_VARARGS, "follow_forget(path, name)\n\nForgets the position of a name."},
    {NULL, NULL, 0, NULL},
};

int follow_init_type(PyObject *module)
{
    follower_type = (PyTypeObject *)PyType_FromSpec(&follower_spec);
    if (follower_type == NULL)
        return -1;
    Py_INCREF(follower_type);
    return PyModule_AddObject(module, "Follower", (PyObject *)follower_type);
}
