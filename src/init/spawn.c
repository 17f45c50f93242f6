#include "init.h"

#include <grp.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

enum { STATUS_FD = 3 };  /* of the new process; `theirs` are its stdin, stdout, stderr and status */

static _Noreturn void fail(enum failed_step step) {
    ssize_t written = write(STATUS_FD, (uint8_t[]){step, U32(errno)}, 5);
    _exit(written < 0 ? 126 : 127);
}

/* What the new process does up to its execve. It touches no path before it has the command's identity. */
static _Noreturn void run(const struct spawn *spawn, const int theirs[ENDS]) {
    int stream = -1;
    for (int fd = 0; fd <= 2; fd++)
        dup2(stream = theirs[fd] >= 0 ? theirs[fd] : stream, fd);
    if (theirs[STATUS_FD] != STATUS_FD)
        dup3(theirs[STATUS_FD], STATUS_FD, O_CLOEXEC);
    bool pty = spawn->mode == MODE_PTY;
    if (close_range(STATUS_FD + 1, ~0U, 0) || setsid() < 0 || (pty && ioctl(0, TIOCSCTTY, 0)))
        fail(STEP_RESOURCES);
    if (setgroups(spawn->group_count, spawn->groups) || setresgid(spawn->gid, spawn->gid, spawn->gid)
        || setresuid(spawn->uid, spawn->uid, spawn->uid) || (spawn->uid != 0 && !set_capabilities(0, 0))
        || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
        fail(STEP_IDENTITY);
    umask(022);
    default_signals();
    sigprocmask(SIG_SETMASK, &(sigset_t){0}, NULL);
    if (chdir(spawn->cwd) != 0)
        fail(STEP_CWD);
    environ = spawn->env;  /* where execvp looks for PATH */
    execvp(spawn->argv[0], spawn->argv);
    fail(STEP_EXEC);
}

static bool open_pipe(int *reading, int *writing) {
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0)
        return false;
    *reading = pair[0];
    *writing = pair[1];
    return true;
}

static bool open_pty(const struct spawn *spawn, int ends[ENDS], int theirs[ENDS]) {
    struct winsize size = {.ws_row = spawn->rows, .ws_col = spawn->columns};
    int master = ends[END_IN] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (master < 0 || ioctl(master, TIOCSPTLCK, &(int){0}) || ioctl(master, TIOCSWINSZ, &size))
        return false;
    theirs[0] = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);  /* no path: /dev is the job's */
    ends[END_OUT] = fcntl(master, F_DUPFD_CLOEXEC, STATUS_FD);
    ends[END_ERR] = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return theirs[0] >= 0 && ends[END_OUT] >= 0 && ends[END_ERR] >= 0;
}

/* Opens what the command is to own under its ids: so it can open /dev/stdout and its tty again. */
static bool open_streams(const struct spawn *spawn, int ends[ENDS], int theirs[ENDS]) {
    setfsgid(spawn->gid);
    setfsuid(spawn->uid);
    bool opened = spawn->mode == MODE_PTY
        ? open_pty(spawn, ends, theirs)
        : open_pipe(&theirs[0], &ends[END_IN]) && open_pipe(&ends[END_OUT], &theirs[1])
          && (spawn->mode == MODE_MERGED || open_pipe(&ends[END_ERR], &theirs[2]));
    setfsuid(INIT_ID);
    setfsgid(INIT_ID);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  /* again, as in confine() */
    return opened;
}

pid_t spawn_start(const struct spawn *spawn, int ends[ENDS]) {
    int theirs[ENDS] = {-1, -1, -1, -1};
    pid_t pid = -1;
    for (int i = 0; i < ENDS; i++)
        ends[i] = -1;
    if (open_streams(spawn, ends, theirs) && open_pipe(&ends[END_STATUS], &theirs[STATUS_FD]))
        pid = fork();
    if (pid == 0)
        run(spawn, theirs);
    int error = errno;
    for (int i = 0; i < ENDS; i++) {  /* where there is none, -1, which both calls refuse */
        close(theirs[i]);
        pid < 0 ? close(ends[i]) : fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    errno = error;
    return pid;
}
