/*
 * Converts Python values for the library: the data of an event to fields, and a query to a filter.
 */
#include "binding.h"

#include <string.h>

/* --- Data --- */

static int add_ref(encoded *out, PyObject *object)
{
    if (object == NULL)
        return -1;
    out->refs[out->refs_count++] = object;
    return 0;
}

/* Encodes a value for which there is no kind of field, as JSON text. */
static int encode_as_json(PyObject *value, encoded *out, eventure_field *field)
{
    PyObject *text = PyObject_CallFunctionObjArgs(encode_json, value, NULL);
    PyObject *bytes = text != NULL ? PyUnicode_AsUTF8String(text) : NULL;
    Py_XDECREF(text);
    if (add_ref(out, bytes) != 0)
        return -1;
    out->is_flat = false;
    field->kind = EVENTURE_FIELD_JSON;
    field->value.text.bytes = PyBytes_AsString(bytes);
    field->value.text.len = (size_t)PyBytes_Size(bytes);
    return 0;
}

/* The longest text that is cached. Longer texts are rarely the same object again. */
#define CACHED_TEXT_LENGTH 32

static int encode_text(PyObject *value, encoded *out, eventure_field *field)
{
    PyObject *bytes = PyUnicode_GetLength(value) <= CACHED_TEXT_LENGTH ? utf8_of(value) : PyUnicode_AsUTF8String(value);
    if (bytes == NULL && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
    {
        PyErr_Clear();
        return encode_as_json(value, out, field);
    }
    if (add_ref(out, bytes) != 0)
        return -1;
    field->kind = EVENTURE_FIELD_STRING;
    field->value.text.bytes = PyBytes_AsString(bytes);
    field->value.text.len = (size_t)PyBytes_Size(bytes);
    return 0;
}

static int encode_value(PyObject *value, encoded *out, eventure_field *field)
{
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyUnicode_Type)
        return encode_text(value, out, field);
    if (type == &PyLong_Type)
    {
        int overflow = 0;
        long long integer = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow != 0)
            return encode_as_json(value, out, field);
        field->kind = EVENTURE_FIELD_INT;
        field->value.integer = integer;
        return 0;
    }
    if (type == &PyFloat_Type)
    {
        field->kind = EVENTURE_FIELD_DOUBLE;
        field->value.number = PyFloat_AsDouble(value);
        return 0;
    }
    if (type == &PyBool_Type)
    {
        field->kind = EVENTURE_FIELD_BOOL;
        field->value.boolean = value == Py_True;
        return 0;
    }
    if (value == Py_None)
    {
        field->kind = EVENTURE_FIELD_NULL;
        return 0;
    }
    return encode_as_json(value, out, field);
}

static int encode_fields(PyObject *dict, encoded *out)
{
    Py_ssize_t size = PyDict_Size(dict), at = 0;
    if (size > INLINE_FIELDS)
    {
        out->fields = PyMem_Calloc((size_t)size, sizeof *out->fields);
        out->refs = PyMem_Calloc(2 * (size_t)size, sizeof *out->refs);
        if (out->fields == NULL || out->refs == NULL)
        {
            PyErr_NoMemory();
            return -1;
        }
    }
    PyObject *key, *value;
    while (PyDict_Next(dict, &at, &key, &value))
    {
        if (out->count >= (size_t)size)
        {
            PyErr_SetString(PyExc_RuntimeError, "the dict changed while it was read");
            return -1;
        }
        eventure_field *field = &out->fields[out->count];
        if (add_ref(out, utf8_of(key)) != 0)
            return -1;
        PyObject *bytes = out->refs[out->refs_count - 1];
        field->key = PyBytes_AsString(bytes);
        field->key_len = (size_t)PyBytes_Size(bytes);
        if (encode_value(value, out, field) != 0)
            return -1;
        out->count++;
    }
    out->data = eventure_data_fields(out->fields, out->count);
    return 0;
}

/* Whether all keys are of the type str itself (no subclass). */
static bool has_field_keys(PyObject *dict)
{
    Py_ssize_t at = 0;
    PyObject *key;
    while (PyDict_Next(dict, &at, &key, NULL))
        if (Py_TYPE(key) != &PyUnicode_Type)
            return false;
    return true;
}

/* Encodes any other mapping as the module json writes it. */
static int encode_whole(PyObject *object, encoded *out)
{
    eventure_field whole;
    if (encode_as_json(object, out, &whole) != 0)
        return -1;
    out->data = eventure_json_n(whole.value.text.bytes, whole.value.text.len);
    return 0;
}

int encode_data(PyObject *object, encoded *out)
{
    out->is_flat = true;
    out->count = out->refs_count = 0;
    out->fields = out->inline_fields;
    out->refs = out->inline_refs;
    out->data = eventure_no_data();
    if (object == NULL || object == Py_None)
        return 0;
    int result = -1;
    if (Py_TYPE(object) == &PyDict_Type && has_field_keys(object))
    {
        result = encode_fields(object, out);
        if (result != 0 && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) /* a key is not UTF-8 */
        {
            PyErr_Clear();
            encoded_clear(out);
            out->fields = out->inline_fields;
            out->refs = out->inline_refs;
            result = encode_whole(object, out);
        }
    }
    else if (PyDict_Check(object))
        result = encode_whole(object, out);
    else
        PyErr_Format(PyExc_TypeError, "data must be a dict or None, not %.100R", (PyObject *)Py_TYPE(object));
    if (result != 0)
        encoded_clear(out);
    return result;
}

void encoded_clear(encoded *data)
{
    for (size_t i = 0; i < data->refs_count; i++)
        Py_DECREF(data->refs[i]);
    if (data->fields != data->inline_fields)
    {
        PyMem_Free(data->fields);
        PyMem_Free(data->refs);
    }
    data->fields = data->inline_fields;
    data->refs = data->inline_refs;
    data->count = data->refs_count = 0;
}

/* --- Queries --- */

static int read_int(PyObject *value, int64_t *member)
{
    *member = PyLong_AsLongLong(value);
    return *member == -1 && PyErr_Occurred() ? -1 : 0;
}

static int read_flag(PyObject *value, bool *member)
{
    int truth = PyObject_IsTrue(value);
    *member = truth == 1;
    return truth < 0 ? -1 : 0;
}

static int read_types(PyObject *value, question *out)
{
    Py_ssize_t count = PySequence_Size(value);
    if (count < 0)
        return -1;
    out->types = PyMem_Calloc((size_t)count + 1, sizeof *out->types);
    if (out->types == NULL)
    {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++)
    {
        PyObject *type = PySequence_GetItem(value, i);
        int result = type != NULL ? keep_text(type, out->refs, &out->types[i]) : -1;
        Py_XDECREF(type);
        if (result != 0)
            return -1;
        if (out->types[i] == NULL)
        {
            PyErr_SetString(PyExc_TypeError, "a type must be a str, not None");
            return -1;
        }
    }
    out->filter.types = out->types;
    out->filter.types_count = (size_t)count;
    return 0;
}

int encode_members(PyObject *object, encoded *out)
{
    if (encode_data(object, out) != 0)
        return -1;
    if (out->data.json == NULL)
        return 0;
    encoded_clear(out);
    PyErr_SetString(PyExc_TypeError, "the data must be a dict, whose keys are str of valid Unicode");
    return -1;
}

static int read_members(PyObject *value, question *out)
{
    if (encode_members(value, &out->data) != 0)
        return -1;
    out->filter.data = out->data.fields;
    out->filter.data_count = out->data.count;
    return 0;
}

static int read_order(PyObject *value, eventure_order *member)
{
    static const char *const names[] = {"default", "append", "breadth_first", "id"};
    for (int i = 0; i < 4; i++)
        if (PyUnicode_Check(value) && PyUnicode_CompareWithASCIIString(value, names[i]) == 0)
        {
            *member = (eventure_order)i;
            return 0;
        }
    PyErr_Format(PyExc_ValueError, "order must be 'default', 'append', 'breadth_first' or 'id', not %R", value);
    return -1;
}

static int read_member(const char *name, PyObject *value, question *out)
{
    eventure_filter *filter = &out->filter;
    if (strcmp(name, "type") == 0)
        return keep_text(value, out->refs, &filter->type);
    if (strcmp(name, "types") == 0)
        return read_types(value, out);
    if (strcmp(name, "data") == 0)
        return read_members(value, out);
    if (strcmp(name, "children_of") == 0)
        return keep_text(value, out->refs, &filter->children_of);
    if (strcmp(name, "cascade_of") == 0)
        return keep_text(value, out->refs, &filter->cascade_of);
    if (strcmp(name, "ancestors_of") == 0)
        return keep_text(value, out->refs, &filter->ancestors_of);
    if (strcmp(name, "order") == 0)
        return read_order(value, &filter->order);
    const struct
    {
        const char *name;
        int64_t *member;
    } numbers[] = {{"tick_min", &filter->tick_min},
                   {"tick_end", &filter->tick_end},
                   {"after", &filter->after_seq},
                   {"limit", &filter->limit}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(name, numbers[i].name) == 0)
            return read_int(value, numbers[i].member);
    const struct
    {
        const char *name;
        bool *member;
    } flags[] = {{"roots", &filter->roots},
                 {"reverse", &filter->reverse},
                 {"exact", &filter->exact_types},
                 {"without_data", &filter->without_data},
                 {"without_ids", &filter->without_ids},
                 {"without_parent_ids", &filter->without_parent_ids}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcmp(name, flags[i].name) == 0)
            return read_flag(value, flags[i].member);
    PyErr_Format(PyExc_TypeError, "unknown member of a question: '%s'", name);
    return -1;
}

int question_read(PyObject *spec, question *out)
{
    memset(out, 0, sizeof *out);
    eventure_filter_init(&out->filter, sizeof out->filter);
    out->data.fields = out->data.inline_fields;
    out->data.refs = out->data.inline_refs;
    out->refs = PyList_New(0);
    int result = out->refs != NULL ? 0 : -1;
    if (result == 0 && spec != NULL && spec != Py_None)
    {
        Py_ssize_t at = 0;
        PyObject *key, *value;
        if (!PyDict_Check(spec))
        {
            PyErr_SetString(PyExc_TypeError, "a question must be a dict");
            result = -1;
        }
        while (result == 0 && PyDict_Next(spec, &at, &key, &value))
        {
            PyObject *name = utf8_of(key);
            result = name == NULL ? -1 : value == Py_None ? 0 : read_member(PyBytes_AsString(name), value, out);
            Py_XDECREF(name);
        }
    }
    if (result != 0)
        question_clear(out);
    return result;
}

void question_clear(question *question)
{
    encoded_clear(&question->data);
    PyMem_Free(question->types);
    question->types = NULL;
    Py_CLEAR(question->refs);
}
