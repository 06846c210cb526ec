// Linux for Swift, which cannot call the variadic syscall(). The C library has no function for this call before glibc 2.41.

#pragma once
#include <errno.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __linux__
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Gives the calling thread a time slice of its own (Linux 6.12 or newer; older ones ignore it). New threads of this
// thread do not inherit it. Returns 0, or -1 if the system refuses.
static inline int clinux_set_time_slice(uint64_t nanoseconds) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes;
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return -1;
    const uint32_t usual_policy = 0;
    const uint64_t resets_on_fork = 1;
    if (attributes.policy != usual_policy) return -1;
    attributes.flags |= resets_on_fork;
    attributes.runtime = nanoseconds;
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

// Reads what is in the kernel's cache. Fails with EAGAIN rather than waiting for the disk.
static inline ssize_t clinux_read_cached(int file, void *bytes, size_t count, off_t offset) {
    const int nowait = 8;
    struct iovec piece = {.iov_base = bytes, .iov_len = count};
    return syscall(SYS_preadv2, file, &piece, 1L, (long)offset, 0L, nowait);
}
#else
static inline int clinux_set_time_slice(uint64_t nanoseconds) { return -1; }
static inline ssize_t clinux_read_cached(int file, void *bytes, size_t count, off_t offset) {
    errno = EOPNOTSUPP;
    return -1;
}
#endif
