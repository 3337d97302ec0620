/*
 * Cursors: the result of a query as events, or as columns.
 */
#include "binding.h"

#include <stddef.h>
#include <string.h>

static PyTypeObject *cursor_type;

/* --- Cursors --- */

#define FIRST_ROWS 16
#define MOST_ROWS 512

typedef struct cursor
{
    PyObject_HEAD dependent link;
    handle *owner;
    eventure_cursor *cursor;
    rows *rows; /* the batch that was read last */
    size_t at, count, next_count;
    eventure_member *members; /* the data members that are read as columns */
    PyObject *member_refs;
    size_t members_count;
} cursor;

static void cursor_release(dependent *link)
{
    cursor *self = (cursor *)((char *)link - offsetof(cursor, link));
    eventure_cursor_free(self->cursor);
    self->cursor = NULL;
}

static int read_cursor_members(cursor *self, PyObject *members)
{
    Py_ssize_t count = PyList_Size(members);
    if (count < 0)
        return -1;
    self->member_refs = PyList_New(0);
    self->members = PyMem_Calloc((size_t)count + 1, sizeof *self->members);
    if (self->members == NULL)
        PyErr_NoMemory();
    if (self->members == NULL || self->member_refs == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < count; i++)
    {
        int kind;
        PyObject *key;
        if (!PyArg_ParseTuple(PyList_GetItem(members, i), "Ui", &key, &kind) ||
            keep_text(key, self->member_refs, &self->members[i].key) != 0)
            return -1;
        self->members[i].kind = (eventure_member_kind)kind;
    }
    self->members_count = (size_t)count;
    return 0;
}

/* cursor(question, members=None): returns an iterator of events; with members, an iterator of columns. */
static PyObject *handle_cursor(PyObject *object, PyObject *args)
{
    handle *self = (handle *)object;
    PyObject *spec, *members = Py_None;
    question question;
    if (!PyArg_ParseTuple(args, "O|O:cursor", &spec, &members) || question_read(spec, &question) != 0)
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(cursor_type, Py_tp_alloc);
    cursor *result = (cursor *)allocate(cursor_type, 0);
    if (result != NULL &&
        ((members != Py_None && read_cursor_members(result, members) != 0) || handle_enter(self) != 0))
        Py_CLEAR(result);
    eventure_status status = EVENTURE_OK;
    if (result != NULL)
    {
        eventure_cursor *opened = NULL;
        PyThreadState *thread = PyEval_SaveThread();
        status = eventure_query(self->reader, &question.filter, &opened);
        PyEval_RestoreThread(thread);
        handle_leave(self);
        if (status == EVENTURE_OK)
        {
            Py_INCREF(self);
            result->owner = self;
            result->cursor = opened;
            result->next_count = FIRST_ROWS;
            handle_adopt(self, &result->link, cursor_release);
        }
        else
        {
            Py_CLEAR(result);
            handle_raise(self, status);
        }
    }
    question_clear(&question);
    return (PyObject *)result;
}

static void cursor_dealloc(PyObject *object)
{
    cursor *self = (cursor *)object;
    PyTypeObject *type = Py_TYPE(object);
    dependent_leave(&self->link);
    if (self->owner != NULL && self->owner->process == process_number())
        eventure_cursor_free(self->cursor);
    rows_release(self->rows);
    PyMem_Free(self->members);
    Py_XDECREF(self->member_refs);
    Py_XDECREF(self->owner);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* Reads the next rows. Returns 1, 0 at the end, or -1 with an exception. */
static int cursor_read(cursor *self, size_t count, eventure_columns *out_columns)
{
    if (handle_enter(self->owner) != 0)
        return -1;
    if (self->cursor == NULL)
    {
        handle_leave(self->owner);
        return 0;
    }
    eventure_status status;
    PyThreadState *thread = PyEval_SaveThread();
    status = eventure_cursor_next_batch(self->cursor, count, self->members, self->members_count, out_columns);
    PyEval_RestoreThread(thread);
    handle_leave(self->owner);
    if (status == EVENTURE_ROW)
        return 1;
    if (status < 0)
        handle_raise(self->owner, status);
    /* At the end of the rows the read transaction is closed at once. */
    dependent_leave(&self->link);
    eventure_cursor_free(self->cursor);
    self->cursor = NULL;
    return status < 0 ? -1 : 0;
}

/* Makes sure that the batch has a next row. Returns 1, 0 at the end, or -1 with an exception. */
static int cursor_fill(cursor *self)
{
    if (self->at < self->count)
        return 1;
    rows_release(self->rows);
    self->rows = NULL;
    self->at = self->count = 0;
    eventure_columns columns;
    int result = cursor_read(self, self->next_count, &columns);
    if (result == 1)
    {
        self->rows = rows_copy(&columns);
        self->count = self->rows != NULL ? columns.rows : 0;
        self->next_count = self->next_count * 2 < MOST_ROWS ? self->next_count * 2 : MOST_ROWS;
        result = self->rows != NULL ? 1 : -1;
    }
    return result;
}

static PyObject *cursor_next(PyObject *object)
{
    cursor *self = (cursor *)object;
    if (cursor_fill(self) != 1)
        return NULL;
    return event_of_row(self->rows, self->at++, (PyObject *)self->owner);
}

/* Returns the remaining events as a list. */
static PyObject *cursor_all(PyObject *object, PyObject *unused)
{
    (void)unused;
    cursor *self = (cursor *)object;
    PyObject *events = PyList_New(0);
    if (events == NULL)
        return NULL;
    int result;
    self->next_count = MOST_ROWS;
    while ((result = cursor_fill(self)) == 1)
    {
        PyObject *event = event_of_row(self->rows, self->at++, (PyObject *)self->owner);
        int appended = event != NULL ? PyList_Append(events, event) : -1;
        Py_XDECREF(event);
        if (appended != 0)
        {
            result = -1;
            break;
        }
    }
    if (result < 0)
        Py_CLEAR(events);
    return events;
}

/* Steals a reference to value, and adds it to a dict. Returns 0, or -1 with an exception, also when value is NULL. */
static int dict_put(PyObject *dict, const char *key, PyObject *value)
{
    int result = value != NULL ? PyDict_SetItemString(dict, key, value) : -1;
    Py_XDECREF(value);
    return result;
}

static PyObject *column_bytes(const void *bytes, size_t len)
{
    return PyByteArray_FromStringAndSize(bytes, (Py_ssize_t)len);
}

/* Returns a text column as (offsets, bytes). */
static PyObject *texts_of(const eventure_text_column *column, size_t rows)
{
    if (column->offsets == NULL)
        Py_RETURN_NONE;
    return Py_BuildValue("NN", column_bytes(column->offsets, (rows + 1) * sizeof(int64_t)),
                         column_bytes(column->bytes, (size_t)column->offsets[rows]));
}

/* Returns a member column as (has, values), where the values are numbers, or (offsets, bytes). */
static PyObject *member_of(const eventure_member_column *column, size_t rows)
{
    PyObject *values = column->integers != NULL  ? column_bytes(column->integers, rows * sizeof(int64_t))
                       : column->numbers != NULL ? column_bytes(column->numbers, rows * sizeof(double))
                                                 : texts_of(&column->text, rows);
    return Py_BuildValue("NN", column_bytes(column->has, rows * sizeof(bool)), values);
}

/* Returns the next rows as a dict of buffers, or None at the end. */
static PyObject *cursor_columns(PyObject *object, PyObject *most)
{
    cursor *self = (cursor *)object;
    size_t count = PyLong_AsSize_t(most);
    if (count == (size_t)-1 && PyErr_Occurred() != NULL)
        return NULL;
    eventure_columns columns;
    int result = cursor_read(self, count, &columns);
    if (result < 0)
        return NULL;
    if (result == 0)
        Py_RETURN_NONE;
    PyObject *dict = PyDict_New();
    PyObject *members = PyList_New(0);
    size_t rows = columns.rows;
    if (dict == NULL || members == NULL || dict_put(dict, "rows", PyLong_FromSize_t(rows)) != 0 ||
        dict_put(dict, "seq", column_bytes(columns.seq, rows * 8)) != 0 ||
        dict_put(dict, "tick", column_bytes(columns.tick, rows * 8)) != 0 ||
        dict_put(dict, "timestamp", column_bytes(columns.timestamp, rows * 8)) != 0 ||
        dict_put(dict, "parent_seq", column_bytes(columns.parent_seq, rows * 8)) != 0 ||
        dict_put(dict, "type", texts_of(&columns.type, rows)) != 0 ||
        dict_put(dict, "id", texts_of(&columns.id, rows)) != 0 ||
        dict_put(dict, "parent_id", texts_of(&columns.parent_id, rows)) != 0 ||
        dict_put(dict, "data", texts_of(&columns.data, rows)) != 0)
        goto failed;
    for (size_t i = 0; i < self->members_count; i++)
    {
        PyObject *member = member_of(&columns.members[i], rows);
        int appended = member != NULL ? PyList_Append(members, member) : -1;
        Py_XDECREF(member);
        if (appended != 0)
            goto failed;
    }
    if (PyDict_SetItemString(dict, "members", members) != 0)
        goto failed;
    Py_DECREF(members);
    return dict;
failed:
    Py_XDECREF(members);
    Py_XDECREF(dict);
    return NULL;
}

#define RECENT_TEXTS 16

/* codes(offsets, bytes, table): returns a text column as int32 codes. The table is a dict from texts (bytes) to codes;
 * texts that it does not contain are added. */
PyObject *text_codes(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *offsets_object, *bytes_object, *table;
    if (!PyArg_ParseTuple(args, "O!O!O!:codes", &PyByteArray_Type, &offsets_object, &PyByteArray_Type, &bytes_object,
                          &PyDict_Type, &table))
        return NULL;
    const int64_t *offsets = (const int64_t *)(const void *)PyByteArray_AsString(offsets_object);
    const char *bytes = PyByteArray_AsString(bytes_object);
    size_t rows = (size_t)PyByteArray_Size(offsets_object) / sizeof(int64_t) - 1;
    PyObject *result = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)(rows * sizeof(int32_t)));
    if (result == NULL)
        return NULL;
    int32_t *codes = (int32_t *)(void *)PyByteArray_AsString(result);
    struct
    {
        const char *text;
        size_t len;
        int32_t code;
    } recent[RECENT_TEXTS];
    size_t recent_count = 0, replaced = 0;
    for (size_t row = 0; row < rows; row++)
    {
        const char *text = bytes + offsets[row];
        size_t len = (size_t)(offsets[row + 1] - offsets[row]), at = 0;
        while (at < recent_count && (recent[at].len != len || memcmp(recent[at].text, text, len) != 0))
            at++;
        if (at == recent_count)
        {
            PyObject *key = PyBytes_FromStringAndSize(text, (Py_ssize_t)len);
            PyObject *number = key != NULL ? PyDict_GetItemWithError(table, key) : NULL;
            long code = number != NULL ? PyLong_AsLong(number) : (long)PyDict_Size(table);
            PyObject *added = number == NULL && PyErr_Occurred() == NULL ? PyLong_FromLong(code) : NULL;
            if (added != NULL)
                PyDict_SetItem(table, key, added);
            Py_XDECREF(added);
            Py_XDECREF(key);
            if (PyErr_Occurred() != NULL)
            {
                Py_DECREF(result);
                return NULL;
            }
            at = recent_count < RECENT_TEXTS ? recent_count++ : replaced++ % RECENT_TEXTS;
            recent[at].text = text;
            recent[at].len = len;
            recent[at].code = (int32_t)code;
        }
        codes[row] = recent[at].code;
    }
    return result;
}

static PyMethodDef cursor_methods[] = {
    {"all", cursor_all, METH_NOARGS, "The remaining events, as a list."},
    {"columns", cursor_columns, METH_O, "The next rows as buffers, or None."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot cursor_slots[] = {
    {Py_tp_doc, "The result of a query, event by event. It keeps its store open."},
    {Py_tp_dealloc, cursor_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, cursor_next},
    {Py_tp_methods, cursor_methods},
    {0, NULL},
};

static PyType_Spec cursor_spec = {
    .name = "eventure.Cursor", .basicsize = sizeof(cursor), .flags = Py_TPFLAGS_DEFAULT, .slots = cursor_slots};

/* --- The table --- */

PyMethodDef cursor_handle_methods[] = {
    {"_cursor", handle_cursor, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

bool is_cursor(PyObject *object)
{
    return PyObject_TypeCheck(object, cursor_type);
}

int cursor_next_columns(PyObject *object, size_t rows, eventure_columns *out_columns)
{
    return cursor_read((cursor *)object, rows, out_columns);
}

int cursor_init_type(void)
{
    cursor_type = (PyTypeObject *)PyType_FromSpec(&cursor_spec);
    return cursor_type != NULL ? 0 : -1;
}
