/*
 * Converts data from JSON text or typed fields to the compact form.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "event/json.h"

/* Up to this number, keys are compared pairwise; more keys are sorted, to avoid quadratic time. */
#define FEW_FIELDS 32

/* Truncates the buffer to the length that it had before the call that failed, and returns the status of that call.
 * Resets `failed`, because the status reports a failed allocation. */
static eventure_status undo(eventure__buffer *out, size_t len, eventure_status status)
{
    out->len = len;
    out->failed = false;
    return status;
}

static eventure_status append_number(const eventure_field *field, eventure__buffer *out, eventure__error *error)
{
    double value = field->value.number;
    if (!isfinite(value))
        return eventure__fail(error, EVENTURE_ERROR_JSON, "%s is not a JSON number", eventure__double_name(value).text);
    char digits[EVENTURE__DOUBLE_BYTES];
    eventure__buffer_append(out, digits, eventure__format_double(digits, value));
    return EVENTURE_OK;
}

static eventure_status append_text(const eventure_field *field, int max_depth, eventure__buffer *out,
                                   eventure__error *error)
{
    const char *bytes = field->value.text.bytes;
    size_t len = field->value.text.len;
    if (bytes == NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "the text is NULL");
    if (field->kind == EVENTURE_FIELD_JSON)
        return eventure__json_compact(bytes, len, max_depth, out, error);
    if (!eventure__utf8_valid(bytes, len))
        return eventure__fail(error, EVENTURE_ERROR_JSON, "%s is not valid UTF-8", eventure__quote(bytes, len).text);
    eventure__json_append_string(out, bytes, len);
    return EVENTURE_OK;
}

eventure_status eventure__field_compact(const eventure_field *field, int max_depth, eventure__buffer *out,
                                        eventure__error *error)
{
    size_t len_before = out->len;
    eventure_status status = EVENTURE_OK;
    switch (field->kind)
    {
    case EVENTURE_FIELD_NULL:
        eventure__buffer_append(out, "null", 4);
        break;
    case EVENTURE_FIELD_BOOL:
        eventure__buffer_append_text(out, field->value.boolean ? "true" : "false");
        break;
    case EVENTURE_FIELD_INT:
        eventure__buffer_append_int(out, field->value.integer);
        break;
    case EVENTURE_FIELD_DOUBLE:
        status = append_number(field, out, error);
        break;
    case EVENTURE_FIELD_STRING:
    case EVENTURE_FIELD_JSON:
        status = append_text(field, max_depth, out, error);
        break;
    default:
        status = eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "there is no kind %d of a field", (int)field->kind);
        break;
    }
    if (status == EVENTURE_OK && out->failed)
        status = eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory");
    return status == EVENTURE_OK ? EVENTURE_OK : undo(out, len_before, status);
}

static eventure__span key_of(const eventure_field *field)
{
    return eventure__text_span(field->key, field->key_len);
}

static eventure_status fail_duplicate(eventure__span key, eventure__error *error)
{
    return eventure__fail(error, EVENTURE_ERROR_JSON, "data has the key %s twice",
                          eventure__quote(key.at, key.len).text);
}

static int compare_keys(const void *left, const void *right)
{
    const eventure__span *a = left;
    const eventure__span *b = right;
    int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static bool have_same_key(const eventure_field *a, const eventure_field *b)
{
    if (a->key_len == 0 && b->key_len == 0)
        return strcmp(a->key, b->key) == 0;
    const eventure__span keys[] = {key_of(a), key_of(b)};
    return compare_keys(&keys[0], &keys[1]) == 0;
}

static eventure_status check_many_keys(const eventure_field *fields, size_t count, eventure__error *error)
{
    eventure_status status = EVENTURE_OK;
    eventure__span *keys = count <= SIZE_MAX / sizeof *keys ? malloc(count * sizeof *keys) : NULL;
    if (keys == NULL)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory for the keys of %zu fields", count);
    for (size_t i = 0; i < count; i++)
        keys[i] = key_of(&fields[i]);
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < count && status == EVENTURE_OK; i++)
    {
        if (compare_keys(&keys[i - 1], &keys[i]) == 0)
            status = fail_duplicate(keys[i], error);
    }
    free(keys);
    return status;
}

/* Checks that the key of a field is not NULL and valid UTF-8, and, among few fields, that none before it has the same
 * key. */
static eventure_status check_key(const eventure_field *fields, size_t at, size_t count, eventure__span key,
                                 eventure__error *error)
{
    if (key.at == NULL)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "the key of field %zu of the data is NULL", at + 1);
    if (!eventure__utf8_valid(key.at, key.len))
        return eventure__fail(error, EVENTURE_ERROR_JSON, "the key %s of the data is not valid UTF-8",
                              eventure__quote(key.at, key.len).text);
    for (size_t i = 0; count <= FEW_FIELDS && i < at; i++)
        if (have_same_key(&fields[at], &fields[i]))
            return fail_duplicate(key, error);
    return EVENTURE_OK;
}

/* --- The checksum of fields that were written in place --- */

static uint64_t mix(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * 0x9E3779B97F4A7C15U;
    return sum ^ (sum >> 29);
}

static uint64_t mix_text(uint64_t sum, const char *bytes, size_t len)
{
    uint64_t word = 0;
    for (; len >= sizeof word; bytes += sizeof word, len -= sizeof word)
    {
        memcpy(&word, bytes, sizeof word);
        sum = mix(sum, word);
    }
    word = 0;
    memcpy(&word, bytes, len);
    return mix(sum, word);
}

/* Adds a field without the bytes of its text. */
static uint64_t mix_field(uint64_t sum, const eventure_field *field)
{
    sum = mix(mix(sum, (uint64_t)(uintptr_t)field->key), (uint64_t)field->kind + field->key_len);
    switch (field->kind)
    {
    case EVENTURE_FIELD_BOOL:
        return mix(sum, field->value.boolean);
    case EVENTURE_FIELD_INT:
    case EVENTURE_FIELD_DOUBLE:
        return mix(sum, (uint64_t)field->value.integer);
    case EVENTURE_FIELD_STRING:
    case EVENTURE_FIELD_JSON:
        sum = mix(mix(sum, (uint64_t)(uintptr_t)field->value.text.bytes), field->value.text.len);
        return sum;
    case EVENTURE_FIELD_NULL:
        break;
    }
    return sum;
}

/* The sum of the fields themselves. Nothing that they point to is read, because the memory of the fields may have been
 * reused. */
static uint64_t sum_of_fields(const eventure_field *fields, size_t count)
{
    uint64_t sum = count + 1;
    for (size_t i = 0; i < count; i++)
        sum = mix_field(sum, &fields[i]);
    return sum;
}

static uint64_t sum_of_texts(const eventure_field *fields, size_t count)
{
    uint64_t sum = count + 1;
    for (size_t i = 0; i < count; i++)
        if ((fields[i].kind == EVENTURE_FIELD_STRING || fields[i].kind == EVENTURE_FIELD_JSON) &&
            fields[i].value.text.bytes != NULL)
            sum = mix_text(sum, fields[i].value.text.bytes, fields[i].value.text.len);
    return sum;
}

/* The upper half is of the fields, the lower one of the texts, so that the fields can be checked before their texts
 * are read. The lowest bit is always set. */
uint64_t eventure_data_checksum(const eventure_field *fields, size_t fields_count)
{
    if (fields == NULL)
        return 1;
    uint64_t sum = sum_of_fields(fields, fields_count);
    uint64_t texts = sum_of_texts(fields, fields_count);
    return ((sum ^ sum << 32) & 0xFFFFFFFF00000000U) | ((texts ^ texts >> 32) & 0xFFFFFFFFU) | 1U;
}

/* Checks by their checksum that the fields of EVENTURE_DATA, and their texts, have not changed since the expression was
 * evaluated: EVENTURE_ERROR_ARGUMENT otherwise. */
static eventure_status check_in_place(const eventure_data *data, eventure__error *error)
{
    if (data->checksum == 0 || data->fields == NULL)
        return EVENTURE_OK;
    uint64_t sum = sum_of_fields(data->fields, data->fields_count);
    if (((sum ^ sum << 32) >> 32) == data->checksum >> 32 &&
        eventure_data_checksum(data->fields, data->fields_count) == data->checksum)
        return EVENTURE_OK;
    return eventure__fail(error, EVENTURE_ERROR_ARGUMENT,
                          "the data was made with EVENTURE_DATA in another statement, and its fields have changed "
                          "since; collect events in an eventure_batch, which copies them");
}

static eventure_status append_field(const eventure_field *fields, size_t at, size_t count, int max_depth,
                                    eventure__buffer *out, eventure__error *error)
{
    const eventure__span key = key_of(&fields[at]);
    eventure_status status = check_key(fields, at, count, key, error);
    if (status != EVENTURE_OK)
        return status;
    if (at > 0)
        eventure__buffer_append_char(out, ',');
    eventure__json_append_string(out, key.at, key.len);
    eventure__buffer_append_char(out, ':');
    status = eventure__field_compact(&fields[at], max_depth - 1, out, error);
    if (status != EVENTURE_OK)
        eventure__fail_prefix(error, "data member %s", eventure__quote(key.at, key.len).text);
    return status;
}

static eventure_status fields_compact(const eventure_data *data, int max_depth, eventure__buffer *out,
                                      eventure__error *error)
{
    if (data->fields == NULL && data->fields_count > 0)
        return eventure__fail(error, EVENTURE_ERROR_ARGUMENT, "data has %zu fields, which are NULL",
                              data->fields_count);
    eventure_status status = check_in_place(data, error);
    eventure__buffer_append_char(out, '{');
    for (size_t i = 0; i < data->fields_count && status == EVENTURE_OK; i++)
        status = append_field(data->fields, i, data->fields_count, max_depth, out, error);
    eventure__buffer_append_char(out, '}');
    if (status == EVENTURE_OK && data->fields_count > FEW_FIELDS)
        status = check_many_keys(data->fields, data->fields_count, error);
    if (status == EVENTURE_OK && out->failed)
        status = eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory for the data");
    return status;
}

static eventure_status text_compact(const eventure_data *data, int max_depth, eventure__buffer *out,
                                    eventure__error *error)
{
    size_t begin = out->len;
    eventure_status status = eventure__json_compact(data->json, data->json_len, max_depth, out, error);
    if (status == EVENTURE_ERROR_JSON)
        eventure__fail_prefix(error, "data is not a JSON object");
    else if (status != EVENTURE_OK)
        eventure__fail_prefix(error, "data");
    else if (out->bytes[begin] != '{')
        status = eventure__fail(error, EVENTURE_ERROR_JSON, "data is not a JSON object: it is %s",
                                eventure__quote(out->bytes + begin, out->len - begin).text);
    return status;
}

eventure_status eventure__data_compact(const eventure_data *data, size_t max_bytes, int max_depth,
                                       eventure__buffer *out, eventure__error *error)
{
    size_t len_before = out->len;
    if (out->failed)
        return eventure__fail(error, EVENTURE_ERROR_MEMORY, "out of memory for the data");
    eventure_status status =
        data->json != NULL ? text_compact(data, max_depth, out, error) : fields_compact(data, max_depth, out, error);
    if (status == EVENTURE_OK && out->len - len_before > max_bytes)
        status = eventure__fail(error, EVENTURE_ERROR_LIMIT, "data is %zu bytes long; the limit max_data_bytes is %zu",
                                out->len - len_before, max_bytes);
    return status == EVENTURE_OK ? EVENTURE_OK : undo(out, len_before, status);
}
