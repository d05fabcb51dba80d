/* Preloaded, shifts the wall clock of a program and of all that it starts by WALL_CLOCK_SHIFT
 * seconds. The monotonic clock, and with it every wait, stays as it is. uv, which downloads packages,
 * keeps the real time: certificates of package indexes are not valid in other years. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t shift(void)
{
    static time_t seconds;
    static int known;
    if (!known) {
        const char *text = getenv("WALL_CLOCK_SHIFT");
        if (text && strcmp(program_invocation_short_name, "uv") != 0)
            seconds = strtoll(text, NULL, 10);
        known = 1;
    }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    (void)zone;
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *copy)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (copy)
        *copy = exact.tv_sec;
    return exact.tv_sec;
}

/* Python 3.10 waits for a lock until an instant of the wall clock. */
int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    static int (*wait)(sem_t *, const struct timespec *);
    if (!wait)
        *(void **)&wait = dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec real = {until->tv_sec - shift(), until->tv_nsec};
    return wait(semaphore, &real);
}
