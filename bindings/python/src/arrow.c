/*
 * Query results as Arrow streams (the Arrow C stream interface). Each batch of the cursor becomes a record batch, whose
 * columns are copied once. The consumer may call from any thread and without the GIL; the store can still be used only
 * in its own thread.
 */
#include "binding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- The interface, as in Arrow's specification --- */

#define ARROW_FLAG_NULLABLE 2

struct ArrowSchema
{
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray
{
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

struct ArrowArrayStream
{
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

/* --- The data of streams, schemas and arrays --- */

typedef enum column_kind
{
    KIND_INT,
    KIND_DOUBLE,
    KIND_TEXT
} column_kind;

static const char *const formats[] = {"l", "g", "U"};

typedef enum column_field
{
    FIELD_SEQ,
    FIELD_TICK,
    FIELD_TIMESTAMP,
    FIELD_TYPE,
    FIELD_ID,
    FIELD_PARENT_ID,
    FIELD_PARENT_SEQ,
    FIELD_DATA,
    FIELDS
} column_field;

static const struct
{
    const char *name;
    column_kind kind;
} fields[FIELDS] = {{"seq", KIND_INT}, {"tick", KIND_INT},       {"timestamp", KIND_DOUBLE}, {"type", KIND_TEXT},
                    {"id", KIND_TEXT}, {"parent_id", KIND_TEXT}, {"parent_seq", KIND_INT},   {"data", KIND_TEXT}};

typedef struct arrow_stream
{
    PyObject *cursor;
    size_t rows;
    size_t columns_count;
    int *columns; /* for each column: a column_field, or FIELDS + the index of the member */
    char **names;
    column_kind *kinds;
    char error[512];
} arrow_stream;

/* --- Schemas --- */

static void release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
    {
        if (schema->children[i] != NULL && schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    free(schema->private_data); /* contains the name */
    schema->release = NULL;
}

static bool set_schema(struct ArrowSchema *schema, const char *format, const char *name, size_t children)
{
    memset(schema, 0, sizeof *schema);
    schema->release = release_schema;
    schema->private_data = strdup(name);
    schema->children = calloc(children + 1, sizeof *schema->children);
    schema->format = format;
    schema->name = schema->private_data;
    return schema->private_data != NULL && schema->children != NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    arrow_stream *self = stream->private_data;
    bool done = set_schema(out, "+s", "", self->columns_count);
    for (size_t i = 0; done && i < self->columns_count; i++)
    {
        struct ArrowSchema *child = calloc(1, sizeof *child);
        done = child != NULL && set_schema(child, formats[self->kinds[i]], self->names[i], 0);
        if (child != NULL)
        {
            child->flags = self->columns[i] >= FIELDS || self->columns[i] == FIELD_PARENT_ID ? ARROW_FLAG_NULLABLE : 0;
            out->children[out->n_children++] = child;
        }
    }
    if (done)
        return 0;
    release_schema(out);
    return ENOMEM;
}

/* --- Arrays --- */

static void release_array(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++)
    {
        if (array->children[i] != NULL && array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
        free(array->children[i]);
    }
    for (int64_t i = 0; i < array->n_buffers; i++)
        free((void *)(uintptr_t)array->buffers[i]);
    free(array->buffers);
    free(array->children);
    array->release = NULL;
}

static bool set_array(struct ArrowArray *array, size_t length, size_t buffers, size_t children)
{
    memset(array, 0, sizeof *array);
    array->release = release_array;
    array->length = (int64_t)length;
    array->buffers = calloc(buffers + 1, sizeof *array->buffers);
    array->children = calloc(children + 1, sizeof *array->children);
    array->n_buffers = array->buffers != NULL ? (int64_t)buffers : 0;
    return array->buffers != NULL && array->children != NULL;
}

static bool set_buffer(struct ArrowArray *array, int at, const void *bytes, size_t len)
{
    void *copy = malloc(len > 0 ? len : 1);
    if (copy != NULL && len > 0)
        memcpy(copy, bytes, len);
    array->buffers[at] = copy;
    return copy != NULL;
}

/* Sets the validity bitmap, which marks the rows that have a value; there is none when all rows have one. */
static bool set_validity(struct ArrowArray *array, const bool *has, const int64_t *offsets, size_t rows)
{
    size_t missing = 0;
    for (size_t row = 0; row < rows; row++)
        missing += has != NULL ? !has[row] : offsets[row] == offsets[row + 1];
    array->null_count = (int64_t)missing;
    if (missing == 0)
        return true;
    unsigned char *bits = calloc(rows / 8 + 1, 1);
    if (bits == NULL)
        return false;
    for (size_t row = 0; row < rows; row++)
        if (has != NULL ? has[row] : offsets[row] != offsets[row + 1])
            bits[row / 8] |= (unsigned char)(1u << (row % 8));
    array->buffers[0] = bits;
    return true;
}

static bool set_texts(struct ArrowArray *array, const eventure_text_column *column, size_t rows)
{
    return set_buffer(array, 1, column->offsets, (rows + 1) * sizeof(int64_t)) &&
           set_buffer(array, 2, column->bytes, (size_t)column->offsets[rows]);
}

static bool set_member(struct ArrowArray *array, const eventure_member_column *member, size_t rows)
{
    const void *numbers = member->integers != NULL ? (const void *)member->integers : (const void *)member->numbers;
    return set_validity(array, member->has, NULL, rows) &&
           (numbers != NULL ? set_buffer(array, 1, numbers, rows * 8) : set_texts(array, &member->text, rows));
}

static bool set_column(struct ArrowArray *array, int column, const eventure_columns *columns)
{
    size_t rows = columns->rows;
    switch (column)
    {
    case FIELD_SEQ:
        return set_buffer(array, 1, columns->seq, rows * 8);
    case FIELD_TICK:
        return set_buffer(array, 1, columns->tick, rows * 8);
    case FIELD_TIMESTAMP:
        return set_buffer(array, 1, columns->timestamp, rows * 8);
    case FIELD_PARENT_SEQ:
        return set_buffer(array, 1, columns->parent_seq, rows * 8);
    case FIELD_TYPE:
        return set_texts(array, &columns->type, rows);
    case FIELD_ID:
        return set_texts(array, &columns->id, rows);
    case FIELD_DATA:
        return set_texts(array, &columns->data, rows);
    case FIELD_PARENT_ID:
        return set_validity(array, NULL, columns->parent_id.offsets, rows) &&
               set_texts(array, &columns->parent_id, rows);
    default:
        return set_member(array, &columns->members[column - FIELDS], rows);
    }
}

/* Stores the text of the pending exception in the stream, and clears the exception. */
static void keep_error(arrow_stream *self)
{
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyObject *text = error != NULL ? PyObject_Str(error) : NULL;
    PyObject *bytes = text != NULL ? PyUnicode_AsUTF8String(text) : NULL;
    PyErr_Clear();
    strncpy(self->error, bytes != NULL ? PyBytes_AsString(bytes) : "reading failed", sizeof self->error - 1);
    Py_XDECREF(bytes);
    Py_XDECREF(text);
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    arrow_stream *self = stream->private_data;
    memset(out, 0, sizeof *out); /* an array without a release function marks the end */
    PyGILState_STATE gil = PyGILState_Ensure();
    eventure_columns columns;
    int result = cursor_next_columns(self->cursor, self->rows, &columns);
    if (result < 0)
        keep_error(self);
    PyGILState_Release(gil);
    if (result <= 0)
        return result < 0 ? EIO : 0;
    bool done = set_array(out, columns.rows, 1, self->columns_count);
    for (size_t i = 0; done && i < self->columns_count; i++)
    {
        struct ArrowArray *child = calloc(1, sizeof *child);
        done = child != NULL && set_array(child, columns.rows, self->kinds[i] == KIND_TEXT ? 3 : 2, 0);
        if (child != NULL)
            out->children[out->n_children++] = child;
        done = done && set_column(child, self->columns[i], &columns);
    }
    if (done)
        return 0;
    release_array(out);
    return ENOMEM;
}

/* --- Streams --- */

static const char *get_last_error(struct ArrowArrayStream *stream)
{
    arrow_stream *self = stream->private_data;
    return self->error[0] != '\0' ? self->error : NULL;
}

static void free_stream(arrow_stream *self)
{
    for (size_t i = 0; self->names != NULL && i < self->columns_count; i++)
        free(self->names[i]);
    free(self->names);
    free(self->columns);
    free(self->kinds);
    Py_XDECREF(self->cursor);
    free(self);
}

static void release_stream(struct ArrowArrayStream *stream)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    free_stream(stream->private_data);
    PyGILState_Release(gil);
    stream->release = NULL;
}

static void free_capsule(PyObject *capsule)
{
    struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsule, "arrow_array_stream");
    if (stream != NULL && stream->release != NULL)
        stream->release(stream);
    free(stream);
}

/* Reads the description of a column, (name, kind). The kind is -1 for a field of the event. */
static int read_column(PyObject *pair, arrow_stream *self, size_t at, int *members)
{
    const char *name;
    int kind;
    if (!PyArg_ParseTuple(pair, "si", &name, &kind))
        return -1;
    if (kind >= 0)
    {
        self->columns[at] = FIELDS + (*members)++;
        self->kinds[at] = (column_kind)kind;
    }
    else
        for (int field = 0; field < FIELDS; field++)
            if (strcmp(fields[field].name, name) == 0)
            {
                self->columns[at] = field;
                self->kinds[at] = fields[field].kind;
            }
    self->names[at] = strdup(name);
    return self->names[at] != NULL ? 0 : -1;
}

PyObject *arrow_stream_new(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *given, *columns;
    Py_ssize_t rows;
    if (!PyArg_ParseTuple(args, "OO!n:arrow_stream", &given, &PyList_Type, &columns, &rows))
        return NULL;
    if (!is_cursor(given))
        return PyErr_Format(PyExc_TypeError, "expected a cursor");
    arrow_stream *self = calloc(1, sizeof *self);
    struct ArrowArrayStream *stream = calloc(1, sizeof *stream);
    size_t count = (size_t)PyList_Size(columns);
    int members = 0;
    bool done = self != NULL && stream != NULL;
    if (done)
    {
        self->rows = (size_t)rows;
        self->columns_count = count;
        self->columns = calloc(count + 1, sizeof *self->columns);
        self->names = calloc(count + 1, sizeof *self->names);
        self->kinds = calloc(count + 1, sizeof *self->kinds);
        done = self->columns != NULL && self->names != NULL && self->kinds != NULL;
    }
    for (size_t i = 0; done && i < count; i++)
        done = read_column(PyList_GetItem(columns, (Py_ssize_t)i), self, i, &members) == 0;
    if (done)
    {
        Py_INCREF(given);
        self->cursor = given;
        *stream = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, self};
        PyObject *capsule = PyCapsule_New(stream, "arrow_array_stream", free_capsule);
        if (capsule != NULL)
            return capsule;
    }
    if (self != NULL)
        free_stream(self);
    free(stream);
    return PyErr_Occurred() != NULL ? NULL : PyErr_NoMemory();
}
