#include "hook.h"

static int script = -1, response = -1;

/* Opens a regular file, or returns -1 with errno. That is all that may be read: a FIFO could block, a device act. */
static int open_regular(const char *path) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

void request_open(int count, char **arguments) {
    enum { RUN = 2, CALLS = 4 };
    static const char *calls[CALLS] = {"config", "prepare", [RUN] = "run", "cleanup"};
    size_t call = 0;
    while (call < CALLS && (count < 1 || strcmp(arguments[0], calls[call]) != 0))
        call++;
    if (call == CALLS || (call == RUN && count < 2))
        fail("mayfly-hook --socket PATH [--wait SECONDS] config|prepare|run SCRIPT STAGE|cleanup",
             "mayfly-hook can't be called so");
    for (int i = 0; i < count; i++)
        if (i == ARGUMENTS_MAX || strlen(arguments[i]) > ARGUMENT_MAX)
            fail("shorten the runner's *_args", "more than %d arguments, or one longer than %d bytes", ARGUMENTS_MAX,
                 ARGUMENT_MAX);
    const char *path = getenv("JOB_RESPONSE_FILE");
    response = path != NULL ? open_regular(path) : -1;
    if (call == RUN && (script = open_regular(arguments[1])) < 0)
        fail("it has to be a regular file that the runner's user may read",
             "can't read the script %s: %s", arguments[1], strerror(errno));
}

static void send_file(int fd, unsigned type, const char *what, size_t max) {
    ssize_t got = fd < 0 ? 0 : 1;
    for (size_t all = 0; got > 0; all += (size_t)got) {
        uint8_t *to = link_begin(FRAME_PAYLOAD_MAX);
        got = read(fd, to, FRAME_PAYLOAD_MAX);
        if (got < 0)
            fail("try the job again", "can't read the %s: %s", what, strerror(errno));
        if ((size_t)got > max - all)
            fail("make the job smaller", "the %s is longer than %zu bytes", what, max);
        if (got > 0)
            link_end(type, (size_t)got);
    }
    close(fd);
}

void request_send(char **arguments, char **variables) {
    size_t all = 0;
    for (; *arguments != NULL; arguments++)
        link_send(SEND_ARGUMENT, *arguments, strlen(*arguments));
    for (; *variables != NULL; variables++) {
        const char *sign = strchr(*variables, '=');
        size_t size = strlen(*variables);
        all += size;
        if (size > VARIABLE_MAX || all > VARIABLES_MAX)
            fail("make the job's variables smaller, or files of them",
                 "a variable is longer than %d bytes, or all of them than %d", VARIABLE_MAX, VARIABLES_MAX);
        if (sign != NULL && sign != *variables)
            link_send(SEND_VARIABLE, *variables, size);
    }
    send_file(response, SEND_RESPONSE, "job's response file", RESPONSE_MAX);
    send_file(script, SEND_SCRIPT, "script", SCRIPT_MAX);
    link_go();
}
