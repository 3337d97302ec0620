/*
 * Common parts of the fault tests: see harness.h.
 */
#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREAD_SANITIZER_EXIT 66 /* the address sanitizer ends with 1, as harness_fail does */

static char scratch[64]; /* the directory in memory */

_Noreturn void harness_fail(const char *file, int line, const char *condition, const char *format, ...)
{
    va_list values;
    fflush(stdout);
    fprintf(stderr, "%s:%d: FAIL: %s: ", file, line, condition);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fprintf(stderr, "%s%s\n", scratch[0] != '\0' ? "; see " : "", scratch);
    fflush(stderr);
    exit(1);
}

int64_t harness_now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

double harness_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void harness_sleep_us(int64_t us)
{
    struct timespec wait = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&wait, NULL);
}

static int soak_seconds(void)
{
    const char *text = getenv("EVENTURE_SOAK_SECONDS");
    return text != NULL ? atoi(text) : 0;
}

bool harness_is_short(void)
{
    return getenv("EVENTURE_TEST_SHORT") != NULL;
}

bool harness_more(long round, long rounds)
{
    static int64_t began;
    if (round == 0)
        began = harness_now_ms();
    if (soak_seconds() > 0 && harness_now_ms() - began < (int64_t)soak_seconds() * 1000)
        return true;
    return round < (harness_is_short() ? rounds / 20 + 1 : soak_seconds() > 0 ? rounds : rounds / 4);
}

int harness_seconds(int least)
{
    return soak_seconds() > least ? soak_seconds() : least;
}

bool harness_exhaustive(int64_t began_ms)
{
    return soak_seconds() > 0 && harness_now_ms() - began_ms < (int64_t)soak_seconds() * 1000;
}

uint64_t harness_random(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}

uint64_t harness_seed(void)
{
    const char *text = getenv("EVENTURE_TEST_SEED");
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = text != NULL         ? strtoull(text, NULL, 10)
                    : soak_seconds() > 0 ? (uint64_t)now.tv_sec * 1000003U + (uint64_t)now.tv_nsec
                                         : 20261123U;
    printf("seed: %llu (EVENTURE_TEST_SEED)\n", (unsigned long long)seed);
    fflush(stdout);
    return seed;
}

void harness_say(const char *name, const char *format, ...)
{
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    printf("%-12s %s\n", name, text);
    fflush(stdout);
    const char *folder = getenv("EVENTURE_FAULT_COUNTS");
    if (folder == NULL)
        return;
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    must(out != NULL, "cannot write %s", path);
    fprintf(out, "%s\n", text);
    fclose(out);
}

bool harness_notices(void (*work)(void *context), void *context)
{
    int result = 0;
    fflush(NULL);
    pid_t child = fork();
    must(child >= 0, "cannot fork");
    if (child == 0)
    {
        must(freopen("/dev/null", "w", stderr) != NULL && freopen("/dev/null", "w", stdout) != NULL, "no /dev/null");
        work(context);
        _exit(0);
    }
    must(waitpid(child, &result, 0) == child, "cannot wait");
    must(WIFEXITED(result), "the test crashed instead of failing: %d", result);
    return WEXITSTATUS(result) == 1 || WEXITSTATUS(result) == THREAD_SANITIZER_EXIT;
}

void harness_enter(void)
{
    snprintf(scratch, sizeof scratch, "/dev/shm/eventure-test-%ld", (long)getpid());
    if (mkdir(scratch, 0777) != 0 || chdir(scratch) != 0)
        scratch[0] = '\0';
}

void harness_leave(void)
{
    if (scratch[0] != '\0' && chdir("/") == 0)
        rmdir(scratch);
}

void harness_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", "-writer"};
    char name[1024];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        remove(name);
    }
}

unsigned char *harness_load(const char *path, long *out_len)
{
    FILE *in = fopen(path, "rb");
    must(in != NULL, "cannot read %s", path);
    fseek(in, 0, SEEK_END);
    *out_len = ftell(in);
    rewind(in);
    unsigned char *bytes = malloc((size_t)*out_len + 1);
    must(bytes != NULL && fread(bytes, 1, (size_t)*out_len, in) == (size_t)*out_len, "cannot read %s", path);
    fclose(in);
    return bytes;
}

void harness_store(const char *path, const unsigned char *bytes, long len)
{
    FILE *out = fopen(path, "wb");
    must(out != NULL && fwrite(bytes, 1, (size_t)len, out) == (size_t)len && fclose(out) == 0, "cannot write %s", path);
}
