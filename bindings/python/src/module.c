/*
 * The module: exceptions, texts, and the registration of the types and functions of the other files.
 */
#include "binding.h"

#include <pthread.h>
#include <string.h>

PyObject *handle_error;
PyObject *scan_once;
PyObject *encode_json;

static PyObject *error_types; /* status -> exception type; None -> the type for every other status */

/* --- Errors --- */

PyObject *raise_status(eventure_status status, const char *message)
{
    if (PyErr_Occurred() != NULL)
        return NULL;
    PyObject *number = PyLong_FromLong(status);
    if (number == NULL)
        return NULL;
    PyObject *type = error_types != NULL ? PyDict_GetItemWithError(error_types, number) : NULL;
    if (type == NULL)
        type = error_types != NULL ? PyDict_GetItemWithError(error_types, Py_None) : PyExc_RuntimeError;
    const char *shown = message != NULL && message[0] != '\0' ? message : eventure_status_name(status);
    PyObject *text = PyUnicode_DecodeUTF8(shown, (Py_ssize_t)strlen(shown), "replace");
    PyObject *error = text != NULL ? PyObject_CallFunctionObjArgs(type, text, NULL) : NULL;
    if (error != NULL && PyObject_SetAttrString(error, "status", number) == 0)
        PyErr_SetObject(type, error);
    Py_XDECREF(error);
    Py_XDECREF(text);
    Py_DECREF(number);
    return NULL;
}

int add_row(PyObject *list, PyObject *row)
{
    int result = row != NULL ? PyList_Append(list, row) : -1;
    Py_XDECREF(row);
    return result == 0 ? 0 : EVENTURE_ERROR_HANDLER;
}

/* --- Processes --- */

static unsigned forks;

static void count_fork(void)
{
    forks++;
}

unsigned process_number(void)
{
    return forks;
}

/* --- Texts --- */

#define TEXT_CACHE_SIZE 512

static struct
{
    PyObject *text, *bytes;
} text_cache[TEXT_CACHE_SIZE];

PyObject *utf8_of(PyObject *text)
{
    size_t slot = ((uintptr_t)text >> 4) % TEXT_CACHE_SIZE;
    if (text_cache[slot].text == text)
    {
        Py_INCREF(text_cache[slot].bytes);
        return text_cache[slot].bytes;
    }
    if (!PyUnicode_Check(text))
    {
        PyErr_Format(PyExc_TypeError, "expected a str, not %.100R", (PyObject *)Py_TYPE(text));
        return NULL;
    }
    PyObject *bytes = PyUnicode_AsUTF8String(text);
    if (bytes == NULL)
        return NULL;
    PyObject *old_text = text_cache[slot].text, *old_bytes = text_cache[slot].bytes;
    Py_INCREF(text);
    Py_INCREF(bytes);
    text_cache[slot].text = text;
    text_cache[slot].bytes = bytes;
    Py_XDECREF(old_text);
    Py_XDECREF(old_bytes);
    return bytes;
}

static void clear_text_cache(void)
{
    for (size_t slot = 0; slot < TEXT_CACHE_SIZE; slot++)
    {
        Py_CLEAR(text_cache[slot].text);
        Py_CLEAR(text_cache[slot].bytes);
    }
}

int optional_text(PyObject *object, const char **out_text, PyObject **out_bytes)
{
    *out_text = NULL;
    *out_bytes = NULL;
    if (object == NULL || object == Py_None)
        return 0;
    if (!PyUnicode_Check(object))
    {
        PyErr_Format(PyExc_TypeError, "expected a str or None, not %.100R", (PyObject *)Py_TYPE(object));
        return -1;
    }
    *out_bytes = PyUnicode_AsUTF8String(object);
    if (*out_bytes == NULL)
        return -1;
    char *text;
    if (PyBytes_AsStringAndSize(*out_bytes, &text, NULL) != 0) /* fails when the text contains a NUL */
    {
        Py_CLEAR(*out_bytes);
        return -1;
    }
    *out_text = text;
    return 0;
}

int keep_text(PyObject *text, PyObject *kept, const char **out)
{
    PyObject *bytes;
    if (optional_text(text, out, &bytes) != 0)
        return -1;
    int result = bytes != NULL ? PyList_Append(kept, bytes) : 0;
    Py_XDECREF(bytes);
    return result;
}

PyObject *path_of(PyObject *object)
{
    PyObject *bytes = NULL;
    return PyUnicode_FSConverter(object, &bytes) ? bytes : NULL;
}

/* --- Callbacks --- */

bool callback_enter(PyGILState_STATE *gil)
{
    *gil = PyGILState_Ensure();
    return PyErr_Occurred() == NULL;
}

void callback_leave(PyGILState_STATE gil)
{
    PyGILState_Release(gil);
}

int call_progress(const eventure_progress *progress, void *context)
{
    PyGILState_STATE gil;
    bool go_on = callback_enter(&gil) && PyErr_CheckSignals() == 0;
    if (go_on && context != NULL)
    {
        PyObject *answer = PyObject_CallFunction(context, "LLL", (long long)progress->done, (long long)progress->total,
                                                 (long long)progress->tick);
        /* False stops the call. None, which a function without a return statement returns, continues it. */
        go_on = answer != NULL && answer != Py_False;
        Py_XDECREF(answer);
    }
    callback_leave(gil);
    return go_on ? 0 : 1;
}

/* --- The module --- */

static PyObject *set_errors(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *types, *type;
    if (!PyArg_ParseTuple(args, "O!O", &PyDict_Type, &types, &type))
        return NULL;
    Py_INCREF(types);
    replace_reference(&error_types, types);
    Py_INCREF(type);
    replace_reference(&handle_error, type);
    Py_RETURN_NONE;
}

static PyObject *type_hash(PyObject *module, PyObject *type)
{
    (void)module;
    const char *text;
    PyObject *bytes;
    if (optional_text(type, &text, &bytes) != 0)
        return NULL;
    char hash[5];
    eventure_type_hash(text != NULL ? text : "", hash);
    Py_XDECREF(bytes);
    return PyUnicode_FromString(hash);
}

static PyObject *status_name(PyObject *module, PyObject *status)
{
    (void)module;
    long value = PyLong_AsLong(status);
    return value == -1 && PyErr_Occurred() ? NULL : PyUnicode_FromString(eventure_status_name((int)value));
}

static PyMethodDef functions[] = {
    {"_set_errors", set_errors, METH_VARARGS, "Registers the exception type of each status."},
    {"_codes", text_codes, METH_VARARGS, "Returns a column of texts as codes of a table."},
    {"_arrow_stream", arrow_stream_new, METH_VARARGS, "Returns the columns of a cursor as an Arrow stream."},
    {"type_hash", type_hash, METH_O, "type_hash(type) -> str\n\nThe HASH part of the ids of a type."},
    {"status_name", status_name, METH_O, "status_name(status) -> str"},
    {NULL, NULL, 0, NULL},
};

static void free_module(void *module)
{
    (void)module;
    clear_text_cache();
}

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_eventure",
    .m_doc = "The C library of Eventure; use the package eventure.",
    .m_size = -1,
    .m_methods = functions,
    .m_free = free_module,
};

/* Loads the scanner and the encoder of the module json, which are written in C. They read and write all values except
 * texts and numbers. */
static int load_json(void)
{
    PyObject *json = PyImport_ImportModule("json");
    if (json == NULL)
        return -1;
    PyObject *decoder = PyObject_CallMethod(json, "JSONDecoder", NULL);
    PyObject *type = PyObject_GetAttrString(json, "JSONEncoder");
    PyObject *empty = PyTuple_New(0);
    PyObject *options = Py_BuildValue("{s(ss)}", "separators", ",", ":");
    PyObject *encoder = type != NULL && empty != NULL && options != NULL ? PyObject_Call(type, empty, options) : NULL;
    scan_once = decoder != NULL ? PyObject_GetAttrString(decoder, "scan_once") : NULL;
    encode_json = encoder != NULL ? PyObject_GetAttrString(encoder, "encode") : NULL;
    Py_XDECREF(encoder);
    Py_XDECREF(options);
    Py_XDECREF(empty);
    Py_XDECREF(type);
    Py_XDECREF(decoder);
    Py_DECREF(json);
    return scan_once != NULL && encode_json != NULL ? 0 : -1;
}

PyMODINIT_FUNC PyInit__eventure(void);

PyMODINIT_FUNC PyInit__eventure(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    if (pthread_atfork(NULL, NULL, count_fork) != 0)
        PyErr_NoMemory();
    if (PyErr_Occurred() != NULL || load_json() != 0 || event_init_type(module) != 0 || handle_init_type(module) != 0 ||
        bus_init_type(module) != 0 || follow_init_type(module) != 0 || fold_init_type(module) != 0 ||
        state_init_type() != 0 || playback_init_type() != 0 || projection_init_types(module) != 0 ||
        PyModule_AddFunctions(module, integrity_functions) != 0 ||
        PyModule_AddFunctions(module, follow_functions) != 0 ||
        PyModule_AddStringConstant(module, "library_version", EVENTURE_VERSION) != 0)
    {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
