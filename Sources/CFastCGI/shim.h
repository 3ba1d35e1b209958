#include <fcgiapp.h>
/* Swift's Glibc module leaves these two out. */
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* Declared under _GNU_SOURCE only, which Swift does not define. pthread_setname_np(3) */
#include <pthread.h>
int pthread_setname_np(pthread_t thread, const char *name);
