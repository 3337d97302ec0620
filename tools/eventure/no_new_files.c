/*
 * No new files: see no_new_files.h.
 *
 * A filter of system calls (seccomp) refuses to open a file for writing only, for appending, or with truncation, as
 * fopen does for each mode that writes; and to make names in other ways. SQLite opens its files for reading and writing
 * without truncation, so that it is not affected.
 */
#include "no_new_files.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#ifdef __x86_64__
#define NATIVE_CALLS AUDIT_ARCH_X86_64
#else
#define NATIVE_CALLS AUDIT_ARCH_AARCH64
#endif

#define REFUSED_FLAGS (O_WRONLY | O_TRUNC | O_APPEND)

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define REFUSE(cause) RETURN(SECCOMP_RET_ERRNO | (cause))

/* Refuses a system call; the accumulator has its number. */
#define REFUSE_CALL(number, cause) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), REFUSE(cause)

/* Refuses a system call when the argument `flags` has one of the flags. The lower half of an argument is first in
 * memory on both systems. */
#define REFUSE_FLAGS(number, flags)                                                                                    \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4), LOAD(flags),                                                    \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, REFUSED_FLAGS, 0, 1), REFUSE(EACCES), RETURN(SECCOMP_RET_ALLOW)

bool no_new_files(void)
{
    static struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_CALLS, 1, 0),
        RETURN(SECCOMP_RET_ALLOW), /* a program of another architecture has other numbers */
        LOAD(nr),
        REFUSE_FLAGS(__NR_openat, args[2]),
#ifdef __NR_open
        REFUSE_FLAGS(__NR_open, args[1]),
        REFUSE_CALL(__NR_creat, EACCES),
        REFUSE_CALL(__NR_mkdir, EACCES),
        REFUSE_CALL(__NR_mknod, EACCES),
        REFUSE_CALL(__NR_link, EACCES),
        REFUSE_CALL(__NR_symlink, EACCES),
        REFUSE_CALL(__NR_rename, EACCES),
#endif
#ifdef __NR_openat2
        REFUSE_CALL(__NR_openat2, ENOSYS), /* its flags are in memory; programs then call openat */
#endif
        REFUSE_CALL(__NR_mkdirat, EACCES),
        REFUSE_CALL(__NR_mknodat, EACCES),
        REFUSE_CALL(__NR_linkat, EACCES),
        REFUSE_CALL(__NR_symlinkat, EACCES),
#ifdef __NR_renameat
        REFUSE_CALL(__NR_renameat, EACCES),
#endif
        REFUSE_CALL(__NR_renameat2, EACCES),
        REFUSE_CALL(__NR_truncate, EACCES),
        RETURN(SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

bool no_new_files(void)
{
    return false;
}

#endif
