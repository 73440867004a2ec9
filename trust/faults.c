/* Kills a process group at a chosen write, rename, unlink, mkdir or fsync.
 *
 * Loaded with LD_PRELOAD by trust/kills.py and asleep until `trust_arm` is called. Only
 * what concerns files below `root` counts. A write is cut in half before the kill.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[4096];
static long kill_at, count;
static int log_file = -1, armed;

#define REAL(name, type) \
    static type real; \
    if (!real) real = (type)dlsym(RTLD_NEXT, #name)

void trust_arm(const char *folder, long at, int log) {
    strncpy(root, folder, sizeof root - 1);
    kill_at = at;
    log_file = log;
    count = 0;
    armed = 1;
}

static int below(const char *path) {
    char full[8192];
    if (!armed || !path) return 0;
    if (path[0] != '/') {
        char here[4096];
        if (!getcwd(here, sizeof here)) return 0;
        snprintf(full, sizeof full, "%s/%s", here, path);
        path = full;
    }
    return !strncmp(path, root, strlen(root));
}

static int file_below(int fd) {
    char link[64], path[4096];
    if (!armed || fd == log_file) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

/* Count a point; say whether the process dies here. A negative one only stops it. */
static int dies(const char *what) {
    typedef ssize_t (*writer)(int, const void *, size_t);
    REAL(write, writer);
    long number = __sync_add_and_fetch(&count, 1);
    if (log_file >= 0) {
        char line[64];
        int length = snprintf(line, sizeof line, "%s\n", what);
        real(log_file, line, length);
    }
    if (number == -kill_at) raise(SIGSTOP);
    return number == kill_at;
}

static void die(void) {
    kill(0, SIGKILL);
    for (;;) pause();
}

ssize_t write(int fd, const void *data, size_t size) {
    typedef ssize_t (*writer)(int, const void *, size_t);
    REAL(write, writer);
    if (file_below(fd) && dies("write")) {
        real(fd, data, size / 2);
        die();
    }
    return real(fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int number) {
    typedef ssize_t (*writer)(int, const struct iovec *, int);
    REAL(writev, writer);
    if (file_below(fd) && dies("write")) die();
    return real(fd, parts, number);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t place) {
    typedef ssize_t (*writer)(int, const void *, size_t, off64_t);
    REAL(pwrite64, writer);
    if (file_below(fd) && dies("write")) die();
    return real(fd, data, size, place);
}

ssize_t sendfile64(int out, int in, off64_t *place, size_t size) {
    typedef ssize_t (*sender)(int, int, off64_t *, size_t);
    REAL(sendfile64, sender);
    if (file_below(out) && dies("write")) {
        real(out, in, place, size / 2);
        die();
    }
    return real(out, in, place, size);
}

int fsync(int fd) {
    typedef int (*syncer)(int);
    REAL(fsync, syncer);
    if (file_below(fd) && dies("fsync")) die();
    return real(fd);
}

int rename(const char *one, const char *other) {
    typedef int (*renamer)(const char *, const char *);
    REAL(rename, renamer);
    if (below(other) && dies("rename")) die();
    return real(one, other);
}

int renameat2(int from, const char *one, int to, const char *other, unsigned flags) {
    typedef int (*renamer)(int, const char *, int, const char *, unsigned);
    REAL(renameat2, renamer);
    if (below(other) && dies("exchange")) die();
    return real(from, one, to, other, flags);
}

int unlink(const char *path) {
    typedef int (*remover)(const char *);
    REAL(unlink, remover);
    if (below(path) && dies("unlink")) die();
    return real(path);
}

int unlinkat(int folder, const char *path, int flags) {
    typedef int (*remover)(int, const char *, int);
    REAL(unlinkat, remover);
    if ((path[0] == '/' ? below(path) : file_below(folder)) && dies("unlink")) die();
    return real(folder, path, flags);
}

int rmdir(const char *path) {
    typedef int (*remover)(const char *);
    REAL(rmdir, remover);
    if (below(path) && dies("rmdir")) die();
    return real(path);
}

int mkdir(const char *path, mode_t mode) {
    typedef int (*maker)(const char *, mode_t);
    REAL(mkdir, maker);
    if (below(path) && dies("mkdir")) die();
    return real(path, mode);
}
