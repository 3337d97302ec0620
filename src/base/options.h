/*
 * Structs that a caller fills: options, filters, reducers, inputs. Each begins with its size, a size_t.
 *
 * A program and the library may have been compiled with different versions of a struct. The size tells which one the
 * program has. Members are only ever added at the end, and zero is the default of every member, so that a smaller
 * struct is completed with zeros, and a larger one is accepted when what this library does not know is zero.
 */
#ifndef EVENTURE_BASE_OPTIONS_H
#define EVENTURE_BASE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Copies `given` (NULL: all defaults) into *out, completed with zeros; reads no byte of `given` beyond its size.
 * EVENTURE_ERROR_ARGUMENT, with a text that begins with `what`: its size is 0, or no size of such a struct, or it comes
 * from a newer version and sets a member that this library does not know. */
#define EVENTURE__TAKE(given, out, type, what, error)                                                                  \
    eventure__options_take((given), (out), sizeof(type), #type, (what), (error))

eventure_status eventure__options_take(const void *given, void *out, size_t out_size, const char *type,
                                       const char *what, eventure__error *error);

/* Returns the element at an index of an array of such structs; NULL when the array is NULL. The stride is the member
 * `size` of the first element. */
const void *eventure__options_at(const void *array, size_t index);

/* A member that is a number, and the least and the greatest value that it can have. INT64_MAX: there is no greatest. */
typedef struct eventure__option_range
{
    const char *name;
    int64_t value;
    int64_t least;
    int64_t greatest;
} eventure__option_range;

/* Checks that each value is in its range. EVENTURE_ERROR_ARGUMENT: one is not; the text names the member, the value and
 * the range, and begins with `what`, unless that is NULL. */
eventure_status eventure__options_check(const eventure__option_range *ranges, size_t count, const char *what,
                                        eventure__error *error);

/* Checks that a list is not NULL when its count, the member `name`_count, is not 0. Errors as above. */
eventure_status eventure__options_check_list(const char *name, const void *list, size_t count, const char *what,
                                             eventure__error *error);

/* Sets all bytes to zero and stores the size: the body of every exported `_init` function. */
void eventure__options_init(void *options, size_t size);

#endif
