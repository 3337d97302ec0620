/**
 * @file
 * Marks the symbols that the library exports. All other symbols are hidden.
 */
#ifndef EVENTURE_EXPORT_H
#define EVENTURE_EXPORT_H

/** Marks a public function. */
#if defined(__GNUC__) || defined(__clang__)
#define EVENTURE_API __attribute__((visibility("default")))
#else
#define EVENTURE_API
#endif

/** Lets the compiler check a printf-like format against its arguments. */
#if defined(__GNUC__) || defined(__clang__)
#define EVENTURE_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
#else
#define EVENTURE_PRINTF(format_index, first_index)
#endif

#endif
