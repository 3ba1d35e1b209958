/* What Swift's module Glibc leaves out: these headers, and a call that is declared under
   _GNU_SOURCE only, which Swift does not define (pthread_setname_np(3)). */
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <pthread.h>
int pthread_setname_np(pthread_t thread, const char *name);
