/*
 * Shared by the fuzzers. Each defines LLVMFuzzerTestOneInput. libFuzzer passes it inputs that reach new paths; without
 * libFuzzer, standalone.c passes it the files of its corpus.
 */
#ifndef EVENTURE_TESTS_FUZZ_H
#define EVENTURE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A condition that must be true for every input. */
#define fuzz_must(condition)                                                                                           \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition), abort()))

#endif
