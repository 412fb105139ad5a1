/* Preloaded before libc: lets the Nth write, sync or rename below a folder fail, as a full or broken disk does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX];
static long fails_at = 0, calls = 0;
static int number = 0, for_ever = 0;

/* Called by the test: from now on, call `at` below `path` fails with `error`; `ever`: and all that follow. */
void fault_arm(const char *path, long at, int error, int ever)
{
    snprintf(folder, sizeof folder, "%s", path);
    fails_at = at;
    number = error;
    for_ever = ever;
    calls = 0;
}

long fault_calls(void) { return calls; }

static int is_hit(const char *path)
{
    if (!folder[0] || strncmp(path, folder, strlen(folder)))
        return 0;
    long call = __sync_add_and_fetch(&calls, 1);
    if (fails_at && (call == fails_at || (for_ever && call > fails_at))) {
        errno = number;
        return 1;
    }
    return 0;
}

static int is_hit_by_handle(int handle)
{
    char link[64], path[PATH_MAX];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_hit(path);
}

#define BY_HANDLE(type, name, parameters, arguments)                      \
    type name parameters                                                  \
    {                                                                     \
        static type(*real) parameters;                                    \
        if (!real)                                                        \
            real = dlsym(RTLD_NEXT, #name);                               \
        return is_hit_by_handle(handle) ? -1 : real arguments;            \
    }

BY_HANDLE(ssize_t, write, (int handle, const void *data, size_t count), (handle, data, count))
BY_HANDLE(ssize_t, pwrite, (int handle, const void *data, size_t count, off_t at), (handle, data, count, at))
BY_HANDLE(ssize_t, pwrite64, (int handle, const void *data, size_t count, off64_t at), (handle, data, count, at))
BY_HANDLE(ssize_t, writev, (int handle, const struct iovec *data, int count), (handle, data, count))
BY_HANDLE(int, fsync, (int handle), (handle))
BY_HANDLE(int, fdatasync, (int handle), (handle))
BY_HANDLE(int, ftruncate, (int handle, off_t length), (handle, length))
BY_HANDLE(int, ftruncate64, (int handle, off64_t length), (handle, length))

int rename(const char *from, const char *to)
{
    static int (*real)(const char *, const char *);
    if (!real)
        real = dlsym(RTLD_NEXT, "rename");
    return is_hit(to) ? -1 : real(from, to);
}
