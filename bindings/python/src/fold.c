/*
 * The type Fold: a reducer of the library that calls Python functions, with its state.
 */
#include "binding.h"

static PyTypeObject *fold_type;

/* --- The type Fold: a reducer with its state --- */

#define MOST_RULES 32

typedef struct fold
{
    PyObject_HEAD eventure_reducer reducer;
    eventure_reducer_rule rules[MOST_RULES];
    PyObject *object;    /* the Python reducer, with the methods reset(), save(state) and load(bytes) */
    PyObject *function;  /* (state, event) -> the new state, or None when the state object stays */
    PyObject *functions; /* a tuple with the functions of the rules */
    PyObject *kept;      /* owns the texts of the name and the patterns */
    PyObject *state, *store;
    PyObject *condition; /* the condition of a run of a playback; borrowed */
} fold;

/* Stores the result of a function as the new state. Returns 0, or an error. */
static int fold_take(fold *self, PyObject *answer)
{
    if (answer == NULL)
    {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration))
            return EVENTURE_ERROR_HANDLER;
        PyErr_Clear();
        return EVENTURE_REPLAY_STOP;
    }
    if (answer != Py_None)
        replace_reference(&self->state, answer);
    else
        Py_DECREF(answer);
    return 0;
}

static int fold_call(fold *self, PyObject *function, const eventure_event *event)
{
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
    {
        PyObject *made = event_new(event, self->store);
        PyObject *state = self->state != NULL ? self->state : Py_None;
        if (made != NULL)
        {
            Py_INCREF(state);
            result = fold_take(self, PyObject_CallFunctionObjArgs(function, state, made, NULL));
            Py_DECREF(state);
            Py_DECREF(made);
        }
    }
    callback_leave(gil);
    return result;
}

static int fold_apply(const eventure_event *event, void *context)
{
    fold *self = context;
    return fold_call(self, self->function, event);
}

/* The library does not pass the number of a rule to its callback, so each rule has its own callback. */
#define RULE(n)                                                                                                        \
    static int apply_rule_##n(const eventure_event *event, void *context)                                              \
    {                                                                                                                  \
        fold *self = context;                                                                                          \
        return fold_call(self, PyTuple_GetItem(self->functions, n), event);                                            \
    }
#define RULES(each)                                                                                                    \
    each(0) each(1) each(2) each(3) each(4) each(5) each(6) each(7) each(8) each(9) each(10) each(11) each(12)         \
        each(13) each(14) each(15) each(16) each(17) each(18) each(19) each(20) each(21) each(22) each(23) each(24)    \
            each(25) each(26) each(27) each(28) each(29) each(30) each(31)
RULES(RULE)
#define RULE_NAME(n) apply_rule_##n,
static int (*const rule_functions[MOST_RULES])(const eventure_event *, void *) = {RULES(RULE_NAME)};

static int fold_reset(void *context)
{
    fold *self = context;
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
    {
        PyObject *state = PyObject_CallMethod(self->object, "_reset", NULL);
        if (state != NULL)
        {
            replace_reference(&self->state, state);
            result = 0;
        }
    }
    callback_leave(gil);
    return result;
}

static int fold_save(eventure_write_fn write, void *sink, void *context)
{
    fold *self = context;
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
    {
        PyObject *bytes = PyObject_CallMethod(self->object, "_save", "O", self->state != NULL ? self->state : Py_None);
        char *text;
        Py_ssize_t len;
        if (bytes != NULL && PyBytes_AsStringAndSize(bytes, &text, &len) == 0)
            result = write(text, (size_t)len, sink);
        Py_XDECREF(bytes);
    }
    callback_leave(gil);
    return result;
}

static int fold_load(const void *bytes, size_t len, void *context)
{
    fold *self = context;
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
    {
        PyObject *state = PyObject_CallMethod(self->object, "_load", "y#", (const char *)bytes, (Py_ssize_t)len);
        if (state != NULL)
        {
            replace_reference(&self->state, state);
            result = 0;
        }
    }
    callback_leave(gil);
    return result;
}

static int read_rules(fold *self, PyObject *rules)
{
    Py_ssize_t count = PyList_Size(rules);
    if (count < 0)
        return -1;
    if (count > MOST_RULES)
    {
        PyErr_Format(PyExc_ValueError, "a reducer has at most %d rules, but %zd were given", MOST_RULES, count);
        return -1;
    }
    self->functions = PyTuple_New(count);
    if (self->functions == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < count; i++)
    {
        PyObject *pattern, *function;
        if (!PyArg_ParseTuple(PyList_GetItem(rules, i), "UO", &pattern, &function) ||
            keep_text(pattern, self->kept, &self->rules[i].pattern) != 0)
            return -1;
        Py_INCREF(function);
        PyTuple_SetItem(self->functions, i, function);
        self->rules[i].apply = rule_functions[i];
    }
    self->reducer.rules = count > 0 ? self->rules : NULL;
    self->reducer.rules_count = (size_t)count;
    return 0;
}

/* Fold(object, function, rules, name, version, saves) */
static int fold_init(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"object", "function", "rules", "name", "version", "saves", NULL};
    fold *self = (fold *)object;
    PyObject *reducer, *function, *rules, *name;
    long long version;
    int saves;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO!OLp:Fold", names, &reducer, &function, &PyList_Type, &rules,
                                     &name, &version, &saves))
        return -1;
    if (self->object != NULL)
    {
        PyErr_SetString(handle_error, "the fold was made already");
        return -1;
    }
    Py_INCREF(reducer);
    self->object = reducer;
    Py_INCREF(function);
    self->function = function;
    self->kept = PyList_New(0);
    eventure_reducer_init(&self->reducer, sizeof self->reducer);
    self->reducer.version = version;
    self->reducer.reset = fold_reset;
    self->reducer.apply = function != Py_None ? fold_apply : NULL;
    self->reducer.save = saves ? fold_save : NULL;
    self->reducer.load = saves ? fold_load : NULL;
    return self->kept == NULL || keep_text(name, self->kept, &self->reducer.name) != 0 || read_rules(self, rules) != 0
               ? -1
               : 0;
}

static int fold_traverse(PyObject *object, visitproc visit, void *arg)
{
    fold *self = (fold *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->object);
    Py_VISIT(self->function);
    Py_VISIT(self->functions);
    Py_VISIT(self->state);
    Py_VISIT(self->store);
    return 0;
}

static int fold_clear(PyObject *object)
{
    fold *self = (fold *)object;
    Py_CLEAR(self->state);
    Py_CLEAR(self->store);
    return 0;
}

static void fold_dealloc(PyObject *object)
{
    fold *self = (fold *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    fold_clear(object);
    Py_CLEAR(self->object);
    Py_CLEAR(self->function);
    Py_CLEAR(self->functions);
    Py_CLEAR(self->kept);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

static PyObject *fold_state(PyObject *object, void *closure)
{
    (void)closure;
    PyObject *state = ((fold *)object)->state;
    state = state != NULL ? state : Py_None;
    Py_INCREF(state);
    return state;
}

PyObject *reducer_state(PyObject *object)
{
    if (is_fold(object))
        return fold_state(object, NULL);
    Py_INCREF(object);
    return object;
}

int fold_ask_condition(const eventure_event *event, void *context)
{
    fold *self = context;
    PyGILState_STATE gil;
    int result = EVENTURE_ERROR_HANDLER;
    if (callback_enter(&gil))
    {
        PyObject *made = event_new(event, self->store);
        PyObject *state = fold_state((PyObject *)self, NULL);
        PyObject *answer = made != NULL ? PyObject_CallFunctionObjArgs(self->condition, state, made, NULL) : NULL;
        int truth = answer != NULL ? PyObject_IsTrue(answer) : -1;
        result = truth >= 0 ? truth : EVENTURE_ERROR_HANDLER;
        Py_XDECREF(answer);
        Py_DECREF(state);
        Py_XDECREF(made);
    }
    callback_leave(gil);
    return result;
}

void fold_set_condition(PyObject *object, PyObject *condition)
{
    ((fold *)object)->condition = condition;
}

static PyGetSetDef fold_properties[] = {
    {"state", fold_state, NULL, "The state after the events that were folded so far.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot fold_slots[] = {
    {Py_tp_doc, "A reducer with its state."},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_init, fold_init},
    {Py_tp_dealloc, fold_dealloc},
    {Py_tp_traverse, fold_traverse},
    {Py_tp_clear, fold_clear},
    {Py_tp_getset, fold_properties},
    {0, NULL},
};

static PyType_Spec fold_spec = {.name = "eventure.Fold",
                                .basicsize = sizeof(fold),
                                .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                                .slots = fold_slots};

/* The part of reducer_of for a Fold. The part for a Projection is in projection.c. */
int fold_reducer(PyObject *object, PyObject *store, const eventure_reducer **out_reducer, void **out_context)
{
    if (!PyObject_TypeCheck(object, fold_type))
        return -1;
    fold *self = (fold *)object;
    Py_XINCREF(store);
    replace_reference(&self->store, store);
    *out_reducer = &self->reducer;
    *out_context = self;
    return 0;
}

bool is_fold(PyObject *object)
{
    return PyObject_TypeCheck(object, fold_type);
}

int fold_init_type(PyObject *module)
{
    fold_type = (PyTypeObject *)PyType_FromSpec(&fold_spec);
    if (fold_type == NULL)
        return -1;
    Py_INCREF(fold_type);
    return PyModule_AddObject(module, "Fold", (PyObject *)fold_type);
}
