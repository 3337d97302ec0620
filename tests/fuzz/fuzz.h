/*
 * What the fuzzers share. Each is LLVMFuzzerTestOneInput; with libFuzzer it is fed what finds new paths, without it
 * standalone.c feeds it the files of its corpus.
 */
#ifndef EVENTURE_TESTS_FUZZ_H
#define EVENTURE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What must hold whatever the input is. */
#define fuzz_must(condition)                                                                                           \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition), abort()))

#endif
