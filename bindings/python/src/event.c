/*
 * The type Event: a stored event, or an event that a program created.
 *
 * The events of a query result share copies of its columns (rows). Their texts and their data become objects when they
 * are read.
 */
#include "binding.h"

#include <string.h>
#include <structmember.h>

PyTypeObject *event_type;
static allocfunc event_alloc;

/* --- Rows --- */

typedef struct text_column
{
    const char *bytes;
    const int64_t *offsets;
} text_column;

struct rows
{
    size_t references;
    const int64_t *seq, *tick, *parent_seq;
    const double *timestamp;
    text_column type, id, parent_id, data;
    PyObject *last_type; /* the str of the last type, because the next event often has the same type */
    size_t last_type_row;
    /* The copied columns follow in the same allocation. */
};

static size_t texts_size(const eventure_text_column *column, size_t count)
{
    return (count + 1) * sizeof(int64_t) + (size_t)column->offsets[count];
}

/* Copies a column of 8-byte numbers to *at, and moves *at behind the copy. */
static const void *copy_numbers(char **at, const void *column, size_t count)
{
    char *copy = *at;
    memcpy(copy, column, count * 8);
    *at += count * 8;
    return copy;
}

static char *copy_offsets(char *at, const eventure_text_column *column, size_t count, text_column *out_column)
{
    memcpy(at, column->offsets, (count + 1) * sizeof(int64_t));
    out_column->offsets = (const int64_t *)(const void *)at;
    return at + (count + 1) * sizeof(int64_t);
}

static char *copy_bytes(char *at, const eventure_text_column *column, size_t count, text_column *out_column)
{
    memcpy(at, column->bytes, (size_t)column->offsets[count]);
    out_column->bytes = at;
    return at + column->offsets[count];
}

rows *rows_copy(const eventure_columns *columns)
{
    size_t count = columns->rows;
    const eventure_text_column *texts[] = {&columns->type, &columns->id, &columns->parent_id, &columns->data};
    size_t size = sizeof(rows) + count * 32;
    for (int i = 0; i < 4; i++)
        size += texts_size(texts[i], count);
    rows *copy = PyMem_Malloc(size);
    if (copy == NULL)
    {
        PyErr_NoMemory();
        return NULL;
    }
    memset(copy, 0, sizeof *copy);
    copy->references = 1;
    text_column *copies[] = {&copy->type, &copy->id, &copy->parent_id, &copy->data};
    char *at = (char *)(copy + 1);
    copy->seq = copy_numbers(&at, columns->seq, count);
    copy->tick = copy_numbers(&at, columns->tick, count);
    copy->parent_seq = copy_numbers(&at, columns->parent_seq, count);
    copy->timestamp = copy_numbers(&at, columns->timestamp, count);
    for (int i = 0; i < 4; i++)
        at = copy_offsets(at, texts[i], count, copies[i]);
    for (int i = 0; i < 4; i++)
        at = copy_bytes(at, texts[i], count, copies[i]);
    return copy;
}

void rows_release(rows *rows)
{
    if (rows != NULL && --rows->references == 0)
    {
        Py_XDECREF(rows->last_type);
        PyMem_Free(rows);
    }
}

static const char *row_text(const text_column *column, size_t row, size_t *out_len)
{
    *out_len = (size_t)(column->offsets[row + 1] - column->offsets[row]);
    return column->bytes + column->offsets[row];
}

static PyObject *row_str(const text_column *column, size_t row)
{
    size_t len;
    const char *text = row_text(column, row, &len);
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "replace");
}

static PyObject *row_type(rows *rows, size_t row)
{
    size_t len, last_len;
    const char *text = row_text(&rows->type, row, &len);
    if (rows->last_type != NULL)
    {
        const char *last = row_text(&rows->type, rows->last_type_row, &last_len);
        if (len == last_len && memcmp(text, last, len) == 0)
        {
            Py_INCREF(rows->last_type);
            return rows->last_type;
        }
    }
    PyObject *type = PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "replace");
    if (type != NULL)
    {
        Py_INCREF(type);
        replace_reference(&rows->last_type, type);
        rows->last_type_row = row;
    }
    return type;
}

/* --- Making events --- */

static event *event_alloc_new(void)
{
    return (event *)event_alloc(event_type, 0);
}

static PyObject *referenced(PyObject *object)
{
    Py_XINCREF(object);
    return object;
}

PyObject *event_of_row(rows *rows, size_t row, PyObject *store)
{
    event *self = event_alloc_new();
    if (self == NULL)
        return NULL;
    self->seq = rows->seq[row];
    self->tick = rows->tick[row];
    self->timestamp = rows->timestamp[row];
    self->parent_seq = rows->parent_seq[row];
    self->rows = rows;
    self->row = row;
    rows->references++;
    self->store = referenced(store);
    return (PyObject *)self;
}

PyObject *event_new_known(const eventure_event *source, PyObject *store, PyObject *type, PyObject *parent_id,
                          PyObject *data)
{
    event *self = event_alloc_new();
    if (self == NULL)
        return NULL;
    self->seq = source->seq;
    self->tick = source->tick;
    self->timestamp = source->timestamp;
    self->parent_seq = source->parent_seq;
    self->type =
        type != NULL ? referenced(type) : PyUnicode_DecodeUTF8(source->type, (Py_ssize_t)source->type_len, "replace");
    self->id = PyUnicode_DecodeUTF8(source->id, (Py_ssize_t)source->id_len, "replace");
    if (parent_id != NULL)
        self->parent_id = referenced(parent_id);
    else if (source->parent_id != NULL)
        self->parent_id = PyUnicode_DecodeUTF8(source->parent_id, (Py_ssize_t)source->parent_id_len, "replace");
    else
        self->parent_id = referenced(Py_None);
    if (data != NULL)
        self->data = referenced(data);
    else
        self->text = PyBytes_FromStringAndSize(source->data, (Py_ssize_t)source->data_len);
    self->store = referenced(store);
    if (self->type == NULL || self->id == NULL || self->parent_id == NULL || (self->data == NULL && self->text == NULL))
    {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

PyObject *event_new(const eventure_event *source, PyObject *store)
{
    return event_new_known(source, store, NULL, NULL, NULL);
}

/* Event(tick, timestamp, type, data, id=None, parent_id=None): creates an event that is not in a store. */
static int event_init(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"tick", "timestamp", "type", "data", "id", "parent_id", NULL};
    event *self = (event *)object;
    long long tick;
    double timestamp;
    PyObject *type, *data, *id = Py_None, *parent_id = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "LdUO|OO:Event", names, &tick, &timestamp, &type, &data, &id,
                                     &parent_id))
        return -1;
    if (id == Py_None)
    {
        id = PyObject_CallMethod((PyObject *)Py_TYPE(self), "_next_id", "LO", tick, type);
        if (id == NULL)
            return -1;
    }
    else
        Py_INCREF(id);
    self->tick = tick;
    self->timestamp = timestamp;
    replace_reference(&self->type, referenced(type));
    replace_reference(&self->data, referenced(data));
    replace_reference(&self->id, id);
    replace_reference(&self->parent_id, referenced(parent_id));
    return 0;
}

static void event_dealloc(PyObject *object)
{
    event *self = (event *)object;
    PyTypeObject *type = Py_TYPE(object);
    Py_XDECREF(self->type);
    Py_XDECREF(self->id);
    Py_XDECREF(self->parent_id);
    Py_XDECREF(self->data);
    Py_XDECREF(self->text);
    Py_XDECREF(self->store);
    rows_release(self->rows);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* --- Reading events --- */

static PyObject *event_type_name(event *self)
{
    if (self->type == NULL)
        self->type = self->rows != NULL ? row_type(self->rows, self->row) : PyUnicode_FromString("");
    return self->type;
}

PyObject *event_id(event *self)
{
    if (self->id == NULL)
        self->id = self->rows != NULL ? row_str(&self->rows->id, self->row) : PyUnicode_FromString("");
    return self->id;
}

static PyObject *event_parent_id(event *self)
{
    if (self->parent_id == NULL)
    {
        size_t len = 0;
        if (self->rows != NULL)
            row_text(&self->rows->parent_id, self->row, &len);
        self->parent_id = len > 0 ? row_str(&self->rows->parent_id, self->row) : referenced(Py_None);
    }
    return self->parent_id;
}

/* Returns the data as JSON text; NULL when the event has only a dict. */
static const char *event_json(event *self, size_t *out_len)
{
    if (self->rows != NULL)
        return row_text(&self->rows->data, self->row, out_len);
    *out_len = 0;
    if (self->text == NULL)
        return NULL;
    *out_len = (size_t)PyBytes_Size(self->text);
    return PyBytes_AsString(self->text);
}

static PyObject *json_value(const char *text, size_t len)
{
    PyObject *string = PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "surrogatepass");
    PyObject *zero = PyLong_FromLong(0);
    PyObject *pair =
        string != NULL && zero != NULL ? PyObject_CallFunctionObjArgs(scan_once, string, zero, NULL) : NULL;
    Py_XDECREF(zero);
    Py_XDECREF(string);
    PyObject *value = pair != NULL ? referenced(PyTuple_GetItem(pair, 0)) : NULL;
    Py_XDECREF(pair);
    return value;
}

static PyObject *event_data(event *self)
{
    if (self->data == NULL)
    {
        size_t len;
        const char *text = event_json(self, &len);
        self->data = text == NULL || len <= 2 ? PyDict_New() : json_value(text, len);
    }
    return self->data;
}

/* Gets the data as JSON text, which is valid as long as *out_ref exists. */
static int borrow_data(event *self, eventure_event *out, PyObject **out_ref)
{
    *out_ref = NULL;
    out->data = event_json(self, &out->data_len);
    if (self->rows == NULL && out->data != NULL)
        return 0;
    PyObject *bytes;
    if (out->data != NULL) /* a text in a column does not end with NUL */
        bytes = PyBytes_FromStringAndSize(out->data, (Py_ssize_t)out->data_len);
    else
    {
        PyObject *data = event_data(self);
        PyObject *text = data != NULL ? PyObject_CallFunctionObjArgs(encode_json, data, NULL) : NULL;
        bytes = text != NULL ? PyUnicode_AsUTF8String(text) : NULL;
        Py_XDECREF(text);
    }
    if (bytes == NULL)
        return -1;
    out->data = PyBytes_AsString(bytes);
    out->data_len = (size_t)PyBytes_Size(bytes);
    *out_ref = bytes;
    return 0;
}

int event_borrow(event *self, eventure_event *out, PyObject *refs[4])
{
    memset(out, 0, sizeof *out);
    memset(refs, 0, 4 * sizeof refs[0]);
    PyObject *id = event_id(self), *type = id != NULL ? event_type_name(self) : NULL;
    PyObject *parent = type != NULL ? event_parent_id(self) : NULL;
    if (parent == NULL || optional_text(id, &out->id, &refs[0]) != 0 ||
        optional_text(parent, &out->parent_id, &refs[1]) != 0 || optional_text(type, &out->type, &refs[2]) != 0 ||
        borrow_data(self, out, &refs[3]) != 0)
    {
        for (int i = 0; i < 4; i++)
            Py_CLEAR(refs[i]);
        return -1;
    }
    out->seq = self->seq;
    out->tick = self->tick;
    out->timestamp = self->timestamp;
    out->parent_seq = self->parent_seq;
    out->id = out->id != NULL ? out->id : "";
    return 0;
}

static PyObject *get_type(PyObject *self, void *closure)
{
    (void)closure;
    return referenced(event_type_name((event *)self));
}

static PyObject *get_id(PyObject *self, void *closure)
{
    (void)closure;
    return referenced(event_id((event *)self));
}

static PyObject *get_parent_id(PyObject *self, void *closure)
{
    (void)closure;
    return referenced(event_parent_id((event *)self));
}

static PyObject *get_data(PyObject *self, void *closure)
{
    (void)closure;
    return referenced(event_data((event *)self));
}

static PyObject *get_store(PyObject *self, void *closure)
{
    (void)closure;
    PyObject *store = ((event *)self)->store;
    return referenced(store != NULL ? store : Py_None);
}

/* Returns the value of a data member: from the dict if it exists, otherwise without parsing the other members. NULL
 * without an exception when there is no such member. */
static PyObject *event_member(event *self, PyObject *key)
{
    if (self->data != NULL)
    {
        PyObject *value = PyDict_Check(self->data) ? PyDict_GetItemWithError(self->data, key) : NULL;
        return referenced(value);
    }
    PyObject *name = utf8_of(key);
    if (name == NULL)
        return NULL;
    PyObject *value = NULL;
    eventure_event raw;
    memset(&raw, 0, sizeof raw);
    raw.data = event_json(self, &raw.data_len);
    const char *json;
    size_t len;
    if (strlen(PyBytes_AsString(name)) != (size_t)PyBytes_Size(name)) /* contains a NUL */
    {
        PyObject *data = event_data(self);
        value = data != NULL ? referenced(PyDict_GetItemWithError(data, key)) : NULL;
    }
    else if (raw.data != NULL && eventure_event_member(&raw, PyBytes_AsString(name), &json, &len) == EVENTURE_OK)
        value = json_value(json, len);
    Py_DECREF(name);
    return value;
}

static PyObject *event_getitem(PyObject *self, PyObject *key)
{
    PyObject *value = event_member((event *)self, key);
    if (value == NULL && PyErr_Occurred() == NULL)
        PyErr_SetObject(PyExc_KeyError, key);
    return value;
}

static PyObject *event_get(PyObject *self, PyObject *args)
{
    PyObject *key, *otherwise = Py_None;
    if (!PyArg_ParseTuple(args, "O|O:get", &key, &otherwise))
        return NULL;
    PyObject *value = event_member((event *)self, key);
    return value != NULL || PyErr_Occurred() != NULL ? value : referenced(otherwise);
}

static int event_contains(PyObject *self, PyObject *key)
{
    PyObject *value = event_member((event *)self, key);
    Py_XDECREF(value);
    return value != NULL ? 1 : PyErr_Occurred() != NULL ? -1 : 0;
}

static int texts_equal(PyObject *a, PyObject *b)
{
    return a == NULL || b == NULL ? -1 : PyObject_RichCompareBool(a, b, Py_EQ);
}

static PyObject *event_compare(PyObject *a, PyObject *b, int operation)
{
    if ((operation != Py_EQ && operation != Py_NE) || !PyObject_TypeCheck(a, event_type) ||
        !PyObject_TypeCheck(b, event_type))
    {
        Py_INCREF(Py_NotImplemented);
        return Py_NotImplemented;
    }
    event *left = (event *)a, *right = (event *)b;
    int equal = left == right || (left->tick == right->tick && left->timestamp == right->timestamp);
    if (equal == 1 && left != right)
        equal = texts_equal(event_id(left), event_id(right));
    if (equal == 1 && left != right)
        equal = texts_equal(event_type_name(left), event_type_name(right));
    if (equal == 1 && left != right)
        equal = texts_equal(event_parent_id(left), event_parent_id(right));
    if (equal == 1 && left != right)
        equal = texts_equal(event_data(left), event_data(right));
    if (equal < 0)
        return NULL;
    return PyBool_FromLong(operation == Py_EQ ? equal : !equal);
}

static Py_hash_t event_hash(PyObject *self)
{
    PyObject *id = event_id((event *)self);
    return id != NULL ? PyObject_Hash(id) : -1;
}

static PyObject *event_repr(PyObject *object)
{
    event *self = (event *)object;
    PyObject *timestamp = PyFloat_FromDouble(self->timestamp);
    PyObject *type = event_type_name(self), *data = event_data(self), *id = event_id(self);
    PyObject *parent_id = event_parent_id(self), *text = NULL;
    if (timestamp != NULL && type != NULL && data != NULL && id != NULL && parent_id != NULL)
        text = PyUnicode_FromFormat("Event(tick=%lld, timestamp=%R, type=%R, data=%R, id=%R, parent_id=%R)",
                                    (long long)self->tick, timestamp, type, data, id, parent_id);
    Py_XDECREF(timestamp);
    return text;
}

static PyObject *event_reduce(PyObject *object, PyObject *unused)
{
    (void)unused;
    event *self = (event *)object;
    PyObject *type = event_type_name(self), *data = event_data(self), *id = event_id(self);
    PyObject *parent_id = event_parent_id(self);
    if (type == NULL || data == NULL || id == NULL || parent_id == NULL)
        return NULL;
    return Py_BuildValue("O(LdOOOO)", (PyObject *)Py_TYPE(object), (long long)self->tick, self->timestamp, type, data,
                         id, parent_id);
}

/* Returns the data as the stored JSON text, without parsing it; None when the event has only a dict. */
static PyObject *event_data_text(PyObject *object, PyObject *unused)
{
    (void)unused;
    size_t len;
    const char *text = event_json((event *)object, &len);
    if (text == NULL)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "surrogatepass");
}

static PyMemberDef event_members[] = {
    {"seq", T_LONGLONG, offsetof(event, seq), READONLY,
     "Position in the store, from 1; 0 for an event that is not in a store."},
    {"tick", T_LONGLONG, offsetof(event, tick), READONLY, "The tick it belongs to."},
    {"timestamp", T_DOUBLE, offsetof(event, timestamp), READONLY, "Seconds since the Unix epoch, UTC."},
    {"parent_seq", T_LONGLONG, offsetof(event, parent_seq), READONLY,
     "The seq of the event that caused it; 0 when there is none, or when it is outside the store."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef event_properties[] = {
    {"type", get_type, NULL, "The type.", NULL},
    {"id", get_id, NULL, "The id, '{tick}-{HASH}-{n}'.", NULL},
    {"parent_id", get_parent_id, NULL, "The id of the event that caused it, or None.", NULL},
    {"data", get_data, NULL, "The data as a dict; each access returns the same dict.", NULL},
    {"_store", get_store, NULL, "The store that the event was read from, or None.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef event_methods[] = {
    {"get", event_get, METH_VARARGS, "get(key, default=None)\n\nOne member of the data, without parsing the rest."},
    {"_data_text", event_data_text, METH_NOARGS, "The data as it is stored, or None."},
    {"__reduce__", event_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot event_slots[] = {
    {Py_tp_doc, "An event: tick, timestamp, type, data, id, parent_id.\n\n"
                "The event cannot be changed. `data` returns a dict that the caller may change; the stored event\n"
                "stays as it is.\n"
                "`event[\"key\"]` reads one member of the data without parsing the rest."},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_init, event_init},
    {Py_tp_dealloc, event_dealloc},
    {Py_tp_members, event_members},
    {Py_tp_getset, event_properties},
    {Py_tp_methods, event_methods},
    {Py_tp_repr, event_repr},
    {Py_tp_hash, event_hash},
    {Py_tp_richcompare, event_compare},
    {Py_mp_subscript, event_getitem},
    {Py_sq_contains, event_contains},
    {0, NULL},
};

static PyType_Spec event_spec = {
    .name = "eventure.Event",
    .basicsize = sizeof(event),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = event_slots,
};

int event_init_type(PyObject *module)
{
    event_type = (PyTypeObject *)PyType_FromSpec(&event_spec);
    if (event_type == NULL)
        return -1;
    event_alloc = (allocfunc)PyType_GetSlot(event_type, Py_tp_alloc);
    Py_INCREF(event_type);
    return PyModule_AddObject(module, "Event", (PyObject *)event_type);
}
