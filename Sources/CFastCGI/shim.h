#include <fcgiapp.h>
/* Swift's Glibc module leaves these two out. */
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* Declared under _GNU_SOURCE only, which Swift does not define. accept4(2), pthread_setname_np(3) */
#include <pthread.h>
#include <sys/socket.h>
int accept4(int socket, struct sockaddr *address, socklen_t *size, int flags);
int pthread_setname_np(pthread_t thread, const char *name);
