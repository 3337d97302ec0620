/*
 * Queries with a single result (an event, a count, a plan), and read transactions over several queries.
 */
#include "binding.h"

#include <string.h>

/* --- Read transactions --- */

static PyObject *handle_begin(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    if (handle_enter(self) != 0)
        return NULL;
    eventure_status status = eventure_reader_begin(self->reader);
    handle_leave(self);
    return handle_result(self, status);
}

static PyObject *handle_end(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    if (handle_enter(self) != 0)
        return NULL;
    eventure_reader_end(self->reader);
    handle_leave(self);
    Py_RETURN_NONE;
}

static PyObject *handle_refresh(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    if (handle_enter(self) != 0)
        return NULL;
    eventure_status status = eventure_reader_refresh(self->reader);
    handle_leave(self);
    return handle_result(self, status);
}

/* --- Queries --- */

static PyObject *found_event(handle *self, eventure_status status, eventure_event *found)
{
    if (status != EVENTURE_OK)
        return handle_raise(self, status);
    PyObject *result = event_new(found, (PyObject *)self);
    eventure_event_free(found);
    return result;
}

static PyObject *handle_find(PyObject *object, PyObject *id)
{
    handle *self = (handle *)object;
    eventure_event *found = NULL;
    eventure_status status;
    if (PyLong_Check(id))
    {
        long long seq = PyLong_AsLongLong(id);
        if ((seq == -1 && PyErr_Occurred() != NULL) || handle_enter(self) != 0)
            return NULL;
        status = eventure_query_find_seq(self->reader, seq, &found);
        handle_leave(self);
        return found_event(self, status, found);
    }
    const char *text;
    PyObject *bytes;
    if (optional_text(id, &text, &bytes) != 0)
        return NULL;
    if (text == NULL)
        return PyErr_Format(PyExc_TypeError, "an event is found by its id or its seq, not None");
    if (handle_enter(self) != 0)
    {
        Py_DECREF(bytes);
        return NULL;
    }
    status = eventure_query_find(self->reader, text, &found);
    handle_leave(self);
    Py_DECREF(bytes);
    return found_event(self, status, found);
}

static PyObject *handle_count(PyObject *object, PyObject *spec)
{
    handle *self = (handle *)object;
    question question;
    if (question_read(spec, &question) != 0)
        return NULL;
    int64_t count = 0;
    eventure_status status = EVENTURE_OK;
    bool entered = handle_enter(self) == 0;
    if (entered)
    {
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_query_count(self->reader, &question.filter, &count);
        PyEval_RestoreThread(thread);
        handle_leave(self);
    }
    question_clear(&question);
    if (!entered)
        return NULL;
    return status == EVENTURE_OK ? PyLong_FromLongLong(count) : handle_raise(self, status);
}

static PyObject *handle_explain(PyObject *object, PyObject *spec)
{
    handle *self = (handle *)object;
    question question;
    if (question_read(spec, &question) != 0)
        return NULL;
    char *text = NULL;
    eventure_status status = EVENTURE_OK;
    bool entered = handle_enter(self) == 0;
    if (entered)
    {
        status = eventure_query_explain(self->reader, &question.filter, &text);
        handle_leave(self);
    }
    question_clear(&question);
    if (!entered)
        return NULL;
    if (status != EVENTURE_OK)
        return handle_raise(self, status);
    PyObject *result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
    eventure_free(text);
    return result;
}

static int add_count(const char *type, int64_t count, void *context)
{
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
    {
        PyObject *key = PyUnicode_DecodeUTF8(type, (Py_ssize_t)strlen(type), "replace");
        PyObject *value = PyLong_FromLongLong(count);
        if (key != NULL && value != NULL && PyDict_SetItem(context, key, value) == 0)
            result = 0;
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    callback_leave(gil);
    return result;
}

static PyObject *handle_count_by_type(PyObject *object, PyObject *unused)
{
    (void)unused;
    handle *self = (handle *)object;
    PyObject *counts = PyDict_New();
    if (counts == NULL || handle_enter(self) != 0)
    {
        Py_XDECREF(counts);
        return NULL;
    }
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_query_count_by_type(self->reader, add_count, counts);
    PyEval_RestoreThread(thread);
    handle_leave(self);
    return handle_made(self, status, counts);
}

/* --- The table --- */

PyMethodDef question_methods[] = {
    {"_begin", handle_begin, METH_NOARGS, NULL},
    {"_end", handle_end, METH_NOARGS, NULL},
    {"_refresh", handle_refresh, METH_NOARGS, NULL},
    {"_find", handle_find, METH_O, NULL},
    {"_count", handle_count, METH_O, NULL},
    {"_explain", handle_explain, METH_O, NULL},
    {"_count_by_type", handle_count_by_type, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
