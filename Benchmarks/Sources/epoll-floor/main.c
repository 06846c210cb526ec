// The least that a request can cost: an epoll loop that sends fixed bytes, the floor of `script/bench`.
//
// `epoll-floor HEAD BODY` answers every HTTP/1.1 request with the bytes of the two files, one after the other. A thread
// for each core has an epoll of its own, and accepted connections go to the threads in turn. The server looks for the
// end of a request and reads nothing else of it. It listens on a free port of loopback and prints the port.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGEST_REQUEST = 64 * 1024, EVENTS = 64, MOST_THREADS = 256 };

typedef struct {
    int socket;
    size_t received;
    // The part of the answer that the socket did not take.
    size_t unsent;
    char request[LARGEST_REQUEST + 1];
} Connection;

static char *answer;
static size_t answer_length;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void append_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    for (;;) {
        answer = realloc(answer, answer_length + 4096);
        if (!answer) fail("realloc");
        size_t count = fread(answer + answer_length, 1, 4096, file);
        if (count == 0) break;
        answer_length += count;
    }
    if (ferror(file)) fail(path);
    fclose(file);
}

// The length of the first complete request; 0 if its end has not arrived.
static size_t complete_request(Connection *connection) {
    connection->request[connection->received] = 0;
    char *end = strstr(connection->request, "\r\n\r\n");
    if (!end) return 0;
    size_t length = (size_t)(end - connection->request) + 4;
    for (char *line = connection->request; (line = strstr(line, "\r\n")) && line < end;) {
        line += 2;
        if (strncasecmp(line, "content-length:", 15) == 0) length += strtoul(line + 15, NULL, 10);
    }
    return length <= connection->received ? length : 0;
}

static void forget(Connection *connection) {
    close(connection->socket);
    free(connection);
}

// False: the connection has failed.
static int send_unsent(Connection *connection) {
    while (connection->unsent > 0) {
        const char *from = answer + answer_length - connection->unsent;
        ssize_t count = send(connection->socket, from, connection->unsent, MSG_NOSIGNAL);
        if (count < 0) return errno == EAGAIN;
        connection->unsent -= (size_t)count;
    }
    return 1;
}

// Answers every request that has arrived. False: the connection has failed.
static int answer_requests(Connection *connection) {
    size_t length;
    while (connection->unsent == 0 && (length = complete_request(connection)) > 0) {
        connection->received -= length;
        memmove(connection->request, connection->request + length, connection->received);
        connection->unsent = answer_length;
        if (!send_unsent(connection)) return 0;
    }
    return 1;
}

static int serve(Connection *connection, unsigned events) {
    if (connection->unsent > 0) {
        if (!send_unsent(connection)) return 0;
        if (connection->unsent > 0) return 1;
        if (!answer_requests(connection)) return 0;
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return 1;
    size_t room = LARGEST_REQUEST - connection->received;
    if (room == 0) return 0;
    ssize_t count = recv(connection->socket, connection->request + connection->received, room, 0);
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return 0;
    connection->received += (size_t)count;
    return answer_requests(connection);
}

static void *run_loop(void *argument) {
    int queue = *(int *)argument;
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(queue, events, EVENTS, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int index = 0; index < count; index++) {
            Connection *connection = events[index].data.ptr;
            if (!serve(connection, events[index].events)) {
                forget(connection);
                continue;
            }
            struct epoll_event wanted = {
                .events = connection->unsent > 0 ? EPOLLOUT : EPOLLIN, .data.ptr = connection};
            // The wanted events change only when the socket is full.
            if (connection->unsent > 0 || (events[index].events & EPOLLOUT))
                epoll_ctl(queue, EPOLL_CTL_MOD, connection->socket, &wanted);
        }
    }
    return NULL;
}

static int listen_on_loopback(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 4096) < 0)
        fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &length) < 0) fail("getsockname");
    printf("epoll-floor at %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fputs("usage: epoll-floor HEAD BODY\n", stderr);
        return 64;
    }
    append_file(arguments[1]);
    append_file(arguments[2]);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = cores < 1 ? 1 : cores > MOST_THREADS ? MOST_THREADS : (int)cores;
    static int queues[MOST_THREADS];
    for (int index = 0; index < threads; index++) {
        pthread_t thread;
        if ((queues[index] = epoll_create1(0)) < 0) fail("epoll_create1");
        if (pthread_create(&thread, NULL, run_loop, &queues[index]) != 0) fail("pthread_create");
    }
    int listener = listen_on_loopback();
    for (int turn = 0;; turn = (turn + 1) % threads) {
        int one = 1, accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (accepted < 0) continue;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        Connection *connection = malloc(sizeof *connection);
        if (!connection) fail("malloc");
        connection->socket = accepted;
        connection->received = connection->unsent = 0;
        struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(queues[turn], EPOLL_CTL_ADD, accepted, &wanted) < 0) forget(connection);
    }
}
