/*
 * Appending: one event, or a batch.
 */
#include "binding.h"

#include <string.h>

/* --- Appending --- */

static int read_parent(PyObject *store, PyObject *parent, append_call *out)
{
    eventure_event_input *input = &out->input;
    if (PyObject_TypeCheck(parent, event_type))
    {
        event *cause = (event *)parent;
        parent = event_id(cause);
        if (parent == NULL)
            return -1;
        if (cause->store == store && cause->seq > 0)
        {
            Py_INCREF(parent);
            out->parent_id = parent;
            input->parent_seq = cause->seq;
            return 0;
        }
    }
    else if (PyLong_Check(parent))
    {
        input->parent_seq = PyLong_AsLongLong(parent);
        if (input->parent_seq < 1 && PyErr_Occurred() == NULL)
            PyErr_Format(PyExc_ValueError, "a parent's seq is 1 or more, not %lld", (long long)input->parent_seq);
        return PyErr_Occurred() != NULL ? -1 : 0;
    }
    else if (!PyUnicode_Check(parent))
    {
        PyErr_Format(PyExc_TypeError, "parent must be an Event, an id, a seq or None, not %.100R",
                     (PyObject *)Py_TYPE(parent));
        return -1;
    }
    Py_INCREF(parent);
    out->parent_id = parent;
    return optional_text(parent, &input->parent_id, &out->refs[1]);
}

static int read_append_keyword(const char *name, PyObject *value, PyObject *given[3], append_call *out)
{
    static const char *const positions[][2] = {{"type", "event_type"}, {"data", "data"}, {"parent", "parent_event"}};
    for (int i = 0; i < 3; i++)
        if (strcmp(name, positions[i][0]) == 0 || strcmp(name, positions[i][1]) == 0)
        {
            if (given[i] != NULL)
            {
                PyErr_Format(PyExc_TypeError, "got multiple values for argument '%s'", name);
                return -1;
            }
            given[i] = value;
            return 0;
        }
    eventure_event_input *input = &out->input;
    if (strcmp(name, "id") == 0)
        return optional_text(value, &input->id, &out->refs[2]);
    if (strcmp(name, "timestamp") == 0)
    {
        input->has_timestamp = value != Py_None;
        input->timestamp = value != Py_None ? PyFloat_AsDouble(value) : 0;
        return PyErr_Occurred() != NULL ? -1 : 0;
    }
    if (strcmp(name, "external_parent") == 0)
    {
        int truth = PyObject_IsTrue(value);
        input->external_parent = truth == 1;
        return truth < 0 ? -1 : 0;
    }
    PyErr_Format(PyExc_TypeError, "got an unexpected keyword argument '%s'", name);
    return -1;
}

static int read_append_arguments(PyObject *args, PyObject *kwargs, PyObject *given[3], append_call *out)
{
    Py_ssize_t count = PyTuple_Size(args), at = 0;
    PyObject *key, *value;
    if (count > 3)
    {
        PyErr_Format(PyExc_TypeError, "takes type, data and parent, but %zd arguments were given", count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        given[i] = PyTuple_GetItem(args, i);
    while (kwargs != NULL && PyDict_Next(kwargs, &at, &key, &value))
    {
        PyObject *name = utf8_of(key);
        int result = name != NULL ? read_append_keyword(PyBytes_AsString(name), value, given, out) : -1;
        Py_XDECREF(name);
        if (result != 0)
            return -1;
    }
    if (given[0] == NULL || !PyUnicode_Check(given[0]))
    {
        PyErr_Format(PyExc_TypeError, "type must be a str, not %.100R",
                     given[0] != NULL ? (PyObject *)Py_TYPE(given[0]) : Py_None);
        return -1;
    }
    return 0;
}

int append_read(PyObject *store, PyObject *args, PyObject *kwargs, bool external, append_call *out)
{
    PyObject *given[3] = {NULL, NULL, NULL};
    memset(&out->refs, 0, sizeof out->refs);
    out->parent_id = NULL;
    out->data.count = out->data.refs_count = 0;
    out->data.fields = out->data.inline_fields;
    out->data.refs = out->data.inline_refs;
    eventure_event_input_init(&out->input, sizeof out->input);
    out->input.external_parent = external;
    if (read_append_arguments(args, kwargs, given, out) != 0 || (out->refs[0] = utf8_of(given[0])) == NULL ||
        encode_data(given[1], &out->data) != 0 ||
        (given[2] != NULL && given[2] != Py_None && read_parent(store, given[2], out) != 0))
    {
        append_clear(out);
        return -1;
    }
    out->type = given[0];
    out->given = given[1];
    out->input.data = out->data.data;
    out->input.type = PyBytes_AsString(out->refs[0]);
    out->input.type_len = (size_t)PyBytes_Size(out->refs[0]);
    return 0;
}

void append_clear(append_call *call)
{
    encoded_clear(&call->data);
    for (size_t i = 0; i < sizeof call->refs / sizeof call->refs[0]; i++)
        Py_CLEAR(call->refs[i]);
    Py_CLEAR(call->parent_id);
}

/* Returns the data for the Event of an append: a copy of the dict when it is flat, otherwise NULL without an exception.
 */
static PyObject *append_data(const append_call *call)
{
    if (call->given == NULL || call->given == Py_None)
        return PyDict_New();
    return call->data.is_flat ? PyDict_Copy(call->given) : NULL;
}

PyObject *append_event(const append_call *call, const eventure_event *appended, PyObject *store)
{
    PyObject *data = append_data(call);
    if (data == NULL && PyErr_Occurred() != NULL)
        return NULL;
    PyObject *made = event_new_known(appended, store, call->type, call->parent_id, data);
    Py_XDECREF(data);
    return made;
}

static PyObject *append(PyObject *object, PyObject *args, PyObject *kwargs, bool external)
{
    handle *self = (handle *)object;
    append_call call;
    if (handle_enter_log(self) != 0)
        return NULL;
    if (append_read(object, args, kwargs, external, &call) != 0)
    {
        handle_leave(self);
        return NULL;
    }
    eventure_event appended;
    eventure_status status;
    if (self->releases_gil)
    {
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_log_append_input(self->log, &call.input, &appended);
        PyEval_RestoreThread(thread);
    }
    else
        status = eventure_log_append_input(self->log, &call.input, &appended);
    handle_leave(self);
    PyObject *result = NULL;
    if (status != EVENTURE_OK || PyErr_Occurred() != NULL)
        handle_raise(self, status);
    else
        result = append_event(&call, &appended, object);
    append_clear(&call);
    return result;
}

static PyObject *handle_append(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return append(self, args, kwargs, false);
}

/* EventLog.add_event, as in the pure-Python package: an event of another log may be the parent. */
static PyObject *handle_add_event(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return append(self, args, kwargs, true);
}

/* Adds one row of append_batch: (type[, data[, parent]]). A negative integer -n as the parent is the row n rows before
 * this one. */
static int add_to_batch(PyObject *store, PyObject *row, eventure_batch *batch)
{
    append_call call;
    PyObject *args = PyTuple_Check(row) ? row : PySequence_Tuple(row), *plain = NULL;
    if (args == NULL)
        return -1;
    int64_t back = 0;
    PyObject *parent = PyTuple_Size(args) == 3 ? PyTuple_GetItem(args, 2) : NULL;
    if (parent != NULL && PyLong_Check(parent))
    {
        back = PyLong_AsLongLong(parent);
        if (back < 0)
            plain = PyTuple_GetSlice(args, 0, 2);
    }
    int result = -1;
    if (PyErr_Occurred() == NULL && append_read(store, plain != NULL ? plain : args, NULL, false, &call) == 0)
    {
        size_t count = eventure_batch_count(batch);
        if (back < 0 && (uint64_t)-back > count)
            PyErr_Format(PyExc_ValueError, "event %zu of the batch has a parent %lld events before it", count + 1,
                         (long long)-back);
        else
        {
            call.input.parent_in_batch = back < 0 ? count + 1 - (size_t)-back : 0;
            eventure_status status = eventure_batch_add_input(batch, &call.input);
            if (status == EVENTURE_OK)
                result = 0;
            else
                raise_status(status, eventure_batch_message(batch));
        }
        append_clear(&call);
    }
    Py_XDECREF(plain);
    if (args != row)
        Py_DECREF(args);
    return result;
}

static int fill_batch(PyObject *store, PyObject *given, eventure_batch *batch)
{
    PyObject *iterator = PyObject_GetIter(given), *row;
    if (iterator == NULL)
        return -1;
    int result = 0;
    while (result == 0 && (row = PyIter_Next(iterator)) != NULL)
    {
        result = add_to_batch(store, row, batch);
        Py_DECREF(row);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() != NULL ? -1 : result;
}

static PyObject *handle_append_batch(PyObject *object, PyObject *given)
{
    handle *self = (handle *)object;
    if (handle_enter_log(self) != 0)
        return NULL;
    eventure_batch *batch = NULL;
    PyObject *result = NULL;
    int64_t before = 0;
    eventure_status status = eventure_batch_new(&batch);
    if (status != EVENTURE_OK)
        raise_status(status, eventure_last_message());
    else if (fill_batch(object, given, batch) == 0)
    {
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_batch_append(batch, self->log, NULL);
        if (status == EVENTURE_OK)
            status = eventure_reader_last_seq(self->reader, &before);
        PyEval_RestoreThread(thread);
        int64_t count = (int64_t)eventure_batch_count(batch);
        if (status != EVENTURE_OK || PyErr_Occurred() != NULL)
            handle_raise(self, status);
        else
            result = Py_BuildValue("LL", (long long)(before - count + 1), (long long)(before + 1));
    }
    eventure_batch_free(batch);
    handle_leave(self);
    return result;
}

/* --- The table --- */

PyMethodDef append_methods[] = {
    {"_append", (PyCFunction)(void (*)(void))handle_append, METH_VARARGS | METH_KEYWORDS, NULL},
    {"_add_event", (PyCFunction)(void (*)(void))handle_add_event, METH_VARARGS | METH_KEYWORDS, NULL},
    {"_append_batch", handle_append_batch, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
