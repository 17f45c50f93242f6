#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_FD = 3 };

static noreturn void fail(enum failed_step step)
{
    struct failure failure = {step, errno};
    ssize_t written = write(STATUS_FD, &failure, sizeof failure);
    (void)written;
    _exit(127);
}

static bool become(const struct spawn *spawn)
{
    return setgroups(spawn->group_count, spawn->groups) == 0
        && setresgid(spawn->gid, spawn->gid, spawn->gid) == 0
        && setresuid(spawn->uid, spawn->uid, spawn->uid) == 0
        && (spawn->uid == 0 || set_capabilities(0, 0))
        && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

/* Life of the new process until its execve. It must not touch a path before it has the command's identity. */
static noreturn void run(const struct spawn *spawn, const int theirs[3], int status)
{
    for (int fd = 0; fd <= 2; fd++)
        dup2(theirs[fd], fd);
    if (status != STATUS_FD)
        dup3(status, STATUS_FD, O_CLOEXEC);
    if (close_range(STATUS_FD + 1, ~0U, 0) != 0 || setsid() < 0)
        fail(STEP_RESOURCES);
    if (spawn->mode == MODE_PTY && ioctl(0, TIOCSCTTY, 0) != 0)
        fail(STEP_RESOURCES);
    if (!become(spawn))
        fail(STEP_IDENTITY);
    umask(022);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir(spawn->cwd) != 0)
        fail(STEP_CWD);
    environ = spawn->env;  /* where execvp looks for PATH */
    execvp(spawn->argv[0], spawn->argv);
    fail(STEP_EXEC);
}

static bool open_pipe(int *reading, int *writing)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    *reading = ends[0];
    *writing = ends[1];
    return true;
}

static bool open_pty(const struct spawn *spawn, struct child *child, int theirs[3])
{
    struct winsize size = {.ws_row = spawn->rows, .ws_col = spawn->columns};
    int unlocked = 0;
    child->in = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (child->in < 0 || ioctl(child->in, TIOCSPTLCK, &unlocked) || ioctl(child->in, TIOCSWINSZ, &size))
        return false;
    /* Not by its name: /dev is the job's to change. */
    theirs[0] = ioctl(child->in, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    theirs[1] = fcntl(theirs[0], F_DUPFD_CLOEXEC, STATUS_FD);
    theirs[2] = fcntl(theirs[0], F_DUPFD_CLOEXEC, STATUS_FD);
    child->out[0] = fcntl(child->in, F_DUPFD_CLOEXEC, STATUS_FD);
    return theirs[0] >= 0 && theirs[1] >= 0 && theirs[2] >= 0 && child->out[0] >= 0;
}

static bool open_pipes(const struct spawn *spawn, struct child *child, int theirs[3])
{
    if (!open_pipe(&theirs[0], &child->in) || !open_pipe(&child->out[0], &theirs[1]))
        return false;
    if (spawn->mode == MODE_MERGED)
        theirs[2] = fcntl(theirs[1], F_DUPFD_CLOEXEC, STATUS_FD);
    else if (!open_pipe(&child->out[1], &theirs[2]))
        return false;
    return theirs[2] >= 0 && fcntl(child->in, F_SETFL, O_NONBLOCK) == 0
        && fcntl(child->out[0], F_SETFL, O_NONBLOCK) == 0
        && (child->out[1] < 0 || fcntl(child->out[1], F_SETFL, O_NONBLOCK) == 0);
}

/* Opens what the command will own under its ids, so that it can open /dev/stdout and its tty again. */
static bool open_streams(const struct spawn *spawn, struct child *child, int theirs[3])
{
    setfsgid(spawn->gid);
    setfsuid(spawn->uid);
    bool opened = spawn->mode == MODE_PTY ? open_pty(spawn, child, theirs) : open_pipes(spawn, child, theirs);
    int error = errno;
    setfsuid(INIT_ID);
    setfsgid(INIT_ID);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  /* for the reason confine() has */
    errno = error;
    return opened;
}

static void close_all(int *fds, int count)
{
    int error = errno;
    for (int i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    errno = error;
}

bool spawn_start(const struct spawn *spawn, struct child *child)
{
    int theirs[4] = {-1, -1, -1, -1};  /* stdin, stdout, stderr, status */
    *child = (struct child){-1, -1, -1, {-1, -1}};
    if (open_streams(spawn, child, theirs) && open_pipe(&child->status, &theirs[3])
        && fcntl(child->status, F_SETFL, O_NONBLOCK) == 0)
        child->pid = fork();
    if (child->pid == 0)
        run(spawn, theirs, theirs[3]);
    close_all(theirs, 4);
    if (child->pid < 0)
        close_all((int[]){child->status, child->in, child->out[0], child->out[1]}, 4);
    return child->pid > 0;
}
