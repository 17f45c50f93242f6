"""
Drives the real mayfly-hook against a stand-in for the supervisor. Needs no root.

    drive.py MAYFLY_HOOK [TEST...]
"""

import array
import ctypes
import fcntl
import hashlib
import os
import pty
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from supervisor import *  # noqa: E402,F403
import supervisor  # noqa: E402

HOOK_MEMORY = 2048  # KiB that the hook may have resident at most, whatever it forwards
SYSTEM, BUILD = 'SYSTEM_FAILURE_EXIT_CODE', 'BUILD_FAILURE_EXIT_CODE'
ON_THE_WAY = 2 << 20  # bytes that socket, hook and pipe hold at most
checks = 0


def true(holds, otherwise):
    global checks
    assert holds, otherwise
    checks += 1


def equal(found, expected):
    short = lambda value: '%.300r' % (value,)  # noqa: E731
    true(found == expected, 'found %s, expected %s' % (short(found), short(expected)))


def told(err, *words):
    """Exactly one line, with these words in it."""
    true(err.startswith(b'mayfly: ') and err.count(b'\n') == 1 and err.endswith(b'\n') and b'; ' in err, err)
    for word in words:
        true(word.encode() in err, (word, err))


def failed(process, *words, code=2, out=b''):
    found = end_of(process)
    equal(found[:2], (code, out))
    told(found[2], *words)


def joined(frames, kind, longest=65536):
    true(all(1 <= len(payload) <= longest for found, payload in frames if found == kind), 'a frame is too long')
    return b''.join(payload for found, payload in frames if found == kind)


def listed(frames, kind):
    return [payload for found, payload in frames if found == kind]


def waiting_in(descriptor):
    """How many bytes a pipe holds that nobody has read yet."""
    count = array.array('i', [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, count)
    return count[0]


def is_full(process, pipe):
    """The pipe is full, and the hook waits for it."""
    return waiting_in(pipe) > 60000 and sleeps(process)


def nobody_connected(listener):
    listener.setblocking(False)
    try:
        listener.accept()
        return False
    except BlockingIOError:
        return True


def as_nobody(bench, *arguments, **options):
    """A hook that is not root, whoever runs the tests."""
    if os.geteuid() != 0:
        return bench.start(*arguments, **options)
    os.chmod(bench.folder.name, 0o711)
    own = shutil.copy(bench.hook, bench.folder.name)
    os.chmod(own, 0o755)
    before, bench.hook = bench.hook, own
    try:
        return bench.start(*arguments, user=65534, group=65534, extra_groups=[], **options)
    finally:
        bench.hook = before


# --- what it sends

def test_the_call_is_sent_byte_for_byte():
    variables = {b'A': b'b=c', b'EMPTY': b'', b'LINES': b'one\ntwo\n\n', b'BINARY': bytes(range(1, 256)),
                 b'CUSTOM_ENV_CI_JOB_ID': b'7', b'LONG': b'x' * (127 << 10), b'N\xff': b'\xfe',
                 b'LONGEST': b'y' * (131071 - len('LONGEST='))}
    response = os.urandom(200001)
    script = os.urandom(5 << 20)
    with Bench().listen() as bench:
        variables[b'JOB_RESPONSE_FILE'] = os.fsencode(bench.file('response.json', response))
        path = bench.file('script \n\u00e9', script)
        process = bench.start('run', path, 'step_script', b'\xff\n', '', '--wait', env=variables)
        frames = bench.accept().request()
        equal(listed(frames, ARGUMENT), [b'run', os.fsencode(path), b'step_script', b'\xff\n', b'', b'--wait'])
        equal(listed(frames, VARIABLE), [name + b'=' + value for name, value in variables.items()])
        equal(joined(frames, RESPONSE), response)
        true(joined(frames, SCRIPT) == script, 'the script is another one')
        equal(frames[-1], (GO, b''))
        order = [kind for kind, _ in frames]
        equal(order, sorted(order))
        bench.calls[0].send(ending())
        equal(end_of(process), (0, b'', b''))
        true(bench.calls[0].ended(), 'something was sent behind GO')


def test_only_run_sends_a_script():
    for call in ('config', 'prepare', 'cleanup'):
        with Bench().listen() as bench:
            process = bench.start(call, bench.file('script', b'echo'))
            frames = bench.accept().request()
            equal([kind for kind, _ in frames], [ARGUMENT, ARGUMENT, GO])
            bench.calls[0].send(ending())
            equal(end_of(process), (0, b'', b''))


def test_nothing_is_sent_before_hello():
    with Bench().listen() as bench:
        process = bench.start('config')
        call = bench.accept(b'')
        wait_until(lambda: sleeps(process))
        equal(waiting_in(call.socket.fileno()), 0)
        for byte in hello():
            call.send(bytes((byte,)))
        equal(call.request(), [(ARGUMENT, b'config'), (GO, b'')])
        call.send(ending())
        equal(end_of(process), (0, b'', b''))


def test_a_response_that_cannot_be_read_is_not_sent():
    with Bench().listen() as bench:
        real = bench.file('response.json', b'{}')
        os.symlink(real, bench.path + '.link')
        os.mkfifo(bench.path + '.fifo')
        for path in (bench.path + '.none', bench.path + '.link', bench.path + '.fifo', bench.folder.name, '',
                     '/dev/zero'):
            process = bench.start('prepare', env={'JOB_RESPONSE_FILE': path})
            call = bench.accept()
            equal([kind for kind, _ in call.request()], [ARGUMENT, VARIABLE, GO])
            call.send(ending())
            equal(end_of(process), (0, b'', b''))


def test_what_is_not_name_and_value_is_not_sent():
    def strange():
        strings = lambda *values: (ctypes.c_char_p * (len(values) + 1))(*values, None)  # noqa: E731
        argv = strings(b'mayfly-hook', b'--socket', os.fsencode(bench.path), b'config')
        ctypes.CDLL(None).execve(os.fsencode(bench.hook), argv, strings(b'NO_SIGN', b'=C:', b'', b'A=1', b'A=2'))

    with Bench().listen() as bench:
        process = bench.start(preexec_fn=strange)
        call = bench.accept()
        equal(listed(call.request(), VARIABLE), [b'A=1', b'A=2'])
        call.send(ending())
        equal(end_of(process), (0, b'', b''))


def test_a_supervisor_that_reads_slowly_costs_no_memory():
    with Bench().listen() as bench:
        script = os.urandom(1 << 20) * 60
        process = bench.start('run', bench.file('script', script), 'build')
        call = bench.accept()
        wait_until(lambda: waiting_in(call.socket.fileno()) > 65536 and sleeps(process))
        frames = call.request()
        true(joined(frames, SCRIPT) == script, 'the script is another one')
        peak = int(state(process, 'VmHWM').split()[0])
        true(peak <= HOOK_MEMORY, '%d KiB' % peak)
        call.send(ending())
        equal(end_of(process), (0, b'', b''))


def test_what_is_too_much_is_refused_before_it_runs():
    with Bench().listen() as bench:
        sparse = bench.file('sparse')
        for arguments, words in ((['x'] * 16, 'more than 16'), (['x' * 4097], 'longer than 4096')):
            failed(bench.start('prepare', *arguments), words)
        process = bench.start('prepare', *(['x' * 4096] * 15))
        call = bench.accept()
        equal(len(call.request()), 17)
        call.send(ending())
        equal(end_of(process)[0], 0)
        for size, call, env, words in ((64 << 20, ['run', sparse, 'build'], {}, 'script'),
                                       (16 << 20, ['prepare'], {'JOB_RESPONSE_FILE': sparse}, 'response')):
            for more in (0, 1):
                os.truncate(sparse, size + more)
                process = bench.start(*call, env=env)
                connection = bench.accept()
                if more:
                    threading.Thread(target=connection.drain, daemon=True).start()
                    failed(process, words, 'longer than %d' % size)
                else:
                    connection.request()
                    connection.send(ending())
                    equal(end_of(process), (0, b'', b''))


def test_scripts_that_cannot_be_read():
    with Bench().listen() as bench:
        real = bench.file('script', b'echo')
        os.symlink(real, bench.path + '.link')
        os.mkfifo(bench.path + '.fifo')
        for path, words in ((bench.path + '.none', 'No such file'), (bench.path + '.link', 'symbolic link'),
                            (bench.path + '.fifo', 'Invalid'), (bench.folder.name, 'Invalid'), ('/dev/null', 'Invalid'),
                            (bench.path, 'No such device'), ('', 'No such file')):
            failed(bench.start('run', path, 'build'), 'script', words)
        os.chmod(real, 0)
        failed(as_nobody(bench, 'run', real, 'build'), 'Permission denied')
        failed(bench.start('run', bench.path + '\n\x1b[2Jx', 'build'), '??[2Jx')
        true(nobody_connected(bench.listener), 'it connected')


def test_calls_that_are_none():
    with Bench() as bench:
        at = ['--socket', bench.path]
        for options in ([], ['config'], at, [*at, 'build'], [*at, '--wait'], [*at, '--wait', '0', 'config'],
                        [*at, '--wait', '301', 'config'], [*at, '--wait', '1x', 'config'],
                        [*at, '--wait', '-1', 'config'], ['--socket'], [*at, '--other', 'x', 'config'], [*at, 'run'],
                        [*at, '', 'config']):
            failed(bench.start(options=options, env={SYSTEM: '77'}), 'mayfly-hook --socket', code=77)
        failed(bench.start('config', options=['--socket', '/' + 'x' * 107]), 'longer than 107')


# --- how it ends

def test_exit_kinds():
    with Bench().listen() as bench:
        told_in = bench.path + '.code'
        tell, codes = {'BUILD_EXIT_CODE_FILE': told_in}, {BUILD: '44', SYSTEM: '55'}
        for kind, code, env, expected, written in (
                (0, 0, {}, 0, None), (0, 0, {**tell, **codes}, 0, None),
                (1, 3, {}, 1, None), (1, 3, tell, 1, b'3\n'), (1, 137, {**tell, **codes}, 44, b'137\n'),
                (1, 4294967295, codes, 44, None), (1, 4294967295, tell, 1, b'4294967295\n'), (1, 0, tell, 1, b'0\n'),
                (1, 3, {'BUILD_EXIT_CODE_FILE': ''}, 1, None),
                (2, 0, {}, 2, None), (2, 0, {**tell, **codes}, 55, None),
                *((1, 3, {BUILD: value}, 1, None) for value in ('', '0', '256', 'x', '1x', ' 3', '-1')),
                *((2, 0, {SYSTEM: value}, 2, None) for value in ('', '0', '256', 'x', '+3', '9' * 40)),
                (2, 0, {SYSTEM: '255'}, 255, None)):
            process, call = bench.started(env=env)
            call.send(frame(STDOUT, b'o') + frame(STDERR, b'e') + ending(kind, code) + b'what follows is not read')
            equal(end_of(process), (expected, b'o', b'e'))
            found = None
            if os.path.exists(told_in):
                equal(os.stat(told_in).st_mode & 0o777, 0o600)
                with open(told_in, 'rb') as file:
                    found = file.read()
                os.unlink(told_in)
            equal(found, written)


def test_exit_code_files():
    with Bench().listen() as bench:
        victim = bench.file('victim', b'before, and long')
        link, fifo = bench.path + '.link', bench.path + '.fifo'
        os.symlink(victim, link)
        os.mkfifo(fifo)
        for path, words in ((link, 'symbolic link'), (fifo, 'No such device'), (bench.path + '.none/x', 'No such file'),
                            (bench.folder.name, 'directory'), ('/dev/full', 'No space')):
            process, call = bench.started(env={'BUILD_EXIT_CODE_FILE': path, SYSTEM: '55'})
            call.send(ending(1, 3))
            failed(process, 'exit code', words, code=55)
        with open(victim, 'rb') as file:
            equal(file.read(), b'before, and long')
        process, call = bench.started(env={'BUILD_EXIT_CODE_FILE': victim})
        call.send(ending(1, 3))
        equal(end_of(process), (1, b'', b''))
        with open(victim, 'rb') as file:
            equal(file.read(), b'3\n')


# --- a supervisor that is not there

def test_no_supervisor():
    with Bench() as bench:
        began = time.monotonic()
        failed(bench.start('config', wait='1', env={SYSTEM: '9'}), bench.path, '1 s', 'No such file',
               code=9)
        true(1 <= time.monotonic() - began < 5, time.monotonic() - began)
        bench.listen().stop_listening()
        failed(bench.start('config', wait='1'), 'Connection refused')


def test_a_socket_that_may_not_be_used_is_not_waited_for():
    with Bench().listen() as bench:
        os.chmod(bench.path, 0)
        began = time.monotonic()
        failed(as_nobody(bench, 'config', wait='300'), 'Permission denied')
        failed(bench.start('config', options=['--socket', '/dev/null/x']), 'Not a directory')
        true(time.monotonic() - began < 20, 'it waited')


def test_a_supervisor_that_appears():
    with Bench() as bench:
        began = time.monotonic()
        process = bench.start('config')
        wait_until(lambda: time.monotonic() > began + 1)
        call = bench.listen().accept()
        equal(call.request(), [(ARGUMENT, b'config'), (GO, b'')])
        call.send(ending())
        equal(end_of(process), (0, b'', b''))
        true(time.monotonic() - began < 5, 'it waited for long')


def test_a_supervisor_that_is_replaced():
    with Bench().listen() as bench:
        process = bench.start('config')
        for beginning in (b'', hello()[:1], hello()[:-1], b''):
            bench.accept(beginning).close()
        bench.stop_listening()
        os.unlink(bench.path)
        wait_until(lambda: sleeps(process))
        call = bench.listen().accept()
        equal(call.request(), [(ARGUMENT, b'config'), (GO, b'')])
        call.send(ending())
        equal(end_of(process), (0, b'', b''))


def test_a_supervisor_that_hangs_up_or_never_answers():
    with Bench().listen() as bench:
        process = bench.start('config', wait='1')
        failed(process, '1 s', 'does not answer')
        bench.listener.accept()[0].close()
        process = bench.start('config', wait='1')
        bench.listener.settimeout(0.01)
        while process.poll() is None:
            try:
                bench.listener.accept()[0].close()
            except TimeoutError:
                pass
        failed(process, '1 s', 'hung up')


def test_a_supervisor_that_is_full():
    with Bench().listen(backlog=0) as bench:
        while True:
            filler = socket.socket(socket.AF_UNIX)
            bench.files.append(filler)
            filler.setblocking(False)
            try:
                filler.connect(bench.path)
            except BlockingIOError:
                break
        failed(bench.start('config', wait='1'), 'temporarily unavailable')
        process = bench.start('config')
        wait_until(lambda: sleeps(process))
        for _ in bench.files[:-1]:
            bench.listener.accept()[0].close()
        call = bench.accept()
        call.request()
        call.send(ending())
        equal(end_of(process), (0, b'', b''))


# --- a supervisor that does not do what it has to

def test_what_comes_first_and_is_not_hello():
    for greeting, words in ((b'HTTP/1.1 400 Bad Request\r\n\r\n', 'reserved'), (ending(), 'not HELLO'),
                            (hello(2), 'version'), (hello(0), 'version'), (frame(HELLO, bytes(3)), 'length'),
                            (frame(HELLO, bytes(69)), 'length'),
                            (struct.pack('>B3xII', HELLO, 0, 0xffffffff), 'length'), (hello() + hello(), 'before GO'),
                            (hello() + b'C', 'before GO'), (frame(HELLO, hello()[12:], 1), 'id'),
                            (bytes(12), 'unknown')):
        with Bench().listen() as bench:
            process = bench.start('config', wait='300', env={SYSTEM: '9'})
            bench.accept(greeting)
            failed(process, 'protocol', words, code=9)


def test_frames_that_do_not_fit():
    good = frame(STDOUT, b'so far')
    for wrong, words in ((hello(), 'order'), (struct.pack('>B3xII', STDOUT, 0, 65537), 'length'),
                         (struct.pack('>B3xII', STDERR, 0, 0xffffffff), 'length'), (frame(STDOUT, b'x', 1), 'id'),
                         (frame(68, b''), 'unknown'), (frame(255, b''), 'unknown'), (frame(GO), 'unknown'),
                         (ending(3), 'EXIT'), (ending(0, 1), 'EXIT'), (ending(2, 1), 'EXIT'),
                         (frame(EXIT, bytes(4)), 'length'), (b'\x42\0\1\0' + bytes(8), 'reserved')):
        with Bench().listen() as bench:
            process, call = bench.started()
            call.send(good + wrong)
            failed(process, 'protocol', words, out=b'so far')


def test_a_supervisor_that_dies():
    output = frame(STDOUT, b'so far')
    for sent, expected in ((b'', b''), (output, b'so far'), (output + output[:5], b'so far'),
                           (output + output[:-1], b'so far'), (output + ending()[:-1], b'so far')):
        with Bench().listen() as bench:
            process, call = bench.started(env={SYSTEM: '9'})
            call.send(sent)
            call.close()
            failed(process, 'hung up', 'end', code=9, out=expected)


def test_a_supervisor_that_dies_or_talks_while_the_call_is_sent():
    with Bench().listen() as bench:
        script = bench.file('script', bytes(5 << 20))
        for act, words in ((lambda call: call.close(), 'hung up before'),
                           (lambda call: call.send(ending()), 'before GO')):
            process = bench.start('run', script, 'build')
            call = bench.accept()
            call.exactly(1000)
            wait_until(lambda: sleeps(process))
            act(call)
            failed(process, words)


def test_the_end_is_read_though_the_supervisor_is_gone():
    with Bench().listen() as bench:
        process, call = bench.started(stderr=subprocess.STDOUT)
        call.send(frame(STDOUT, bytes(65536)) + frame(STDERR, bytes(65536)) + ending(1, 3))
        wait_until(lambda: is_full(process, process.stdout.fileno()))
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: waiting_in(call.socket.fileno()) == 13)
        call.close()  # with a SIGNAL that it has not read
        process.send_signal(signal.SIGINT)
        equal(end_of(process), (1, bytes(131072), None))


# --- output

def test_streams_are_kept_apart_and_in_order():
    lines = [(STDOUT if i % 3 else STDERR, b'%d\n' % i) for i in range(5000)]
    sent = b''.join(frame(kind, line) for kind, line in lines) + frame(STDOUT) + ending()
    with Bench().listen() as bench:
        process, call = bench.started(stderr=subprocess.STDOUT)
        call.send(sent)
        equal(end_of(process), (0, b''.join(line for _, line in lines), None))
        process, call = bench.started()
        call.send(sent)
        equal(end_of(process), (0, b''.join(listed(lines, STDOUT)), b''.join(listed(lines, STDERR))))


def test_200_megabytes_to_a_slow_reader():
    size, sent, digest = 200 << 20, [0], hashlib.sha256()
    payload = os.urandom(65536)
    part, chunk = frame(STDOUT, payload) * 16, 16 * 65536
    with Bench().listen() as bench:
        process, call = bench.started()
        call.socket.settimeout(None)

        def supply():
            for _ in range(size // chunk):
                call.send(part)
                sent[0] += chunk
            call.send(ending())

        supplier = threading.Thread(target=supply, daemon=True)
        supplier.start()
        read, pipe = 0, process.stdout.fileno()
        for _ in range(50):  # reads only what is there when nothing moves any more
            wait_until(lambda: is_full(process, pipe))
            true(sent[0] - read <= ON_THE_WAY, '%d bytes are on the way' % (sent[0] - read))
            got = os.read(pipe, 20000)
            digest.update(got)
            read += len(got)
        true(sent[0] < 8 << 20, 'it ran ahead')
        peak = 0
        while got := os.read(pipe, 1 << 20):
            digest.update(got)
            read += len(got)
            if read > size - (8 << 20) and not peak:
                peak = int(state(process, 'VmHWM').split()[0])
        supplier.join(LIMIT)
        equal(end_of(process), (0, b'', b''))
        equal(read, size)
        equal(digest.digest(), hashlib.sha256(payload * (size // 65536)).digest())
        true(0 < peak <= HOOK_MEMORY, '%d KiB' % peak)
        print('the hook had at most %d KiB of memory' % peak)


def test_throughput():
    size, part = 400 << 20, frame(STDOUT, bytes(65536)) * 16
    with Bench().listen() as bench:
        process, call = bench.started()
        began = time.monotonic()

        def supply():
            for _ in range(size >> 20):
                call.send(part)
            call.send(ending())

        threading.Thread(target=supply, daemon=True).start()
        read = 0
        while got := os.read(process.stdout.fileno(), 1 << 20):
            read += len(got)
        took = time.monotonic() - began
        equal((process.wait(LIMIT), read), (0, size))
        print('%d MB/s of output' % (size / took / 1e6))


def test_start_costs_little():
    calls = 100
    with Bench().listen() as bench:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for _ in range(calls):
            process, call = bench.started(env={'A%d' % i: 'x' * 50 for i in range(200)})
            call.send(ending())
            process.wait(LIMIT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        equal(process.returncode, 0)
        print('%.2f ms of CPU for each call, fork and execve included' % (used / calls * 1000))


def test_a_reader_that_went_away():
    for gone, kind in (('stdout', STDOUT), ('stderr', STDERR)):
        with Bench().listen() as bench:
            process, call = bench.started()
            getattr(process, gone).close()
            other = STDERR if kind == STDOUT else STDOUT
            call.send((frame(kind, bytes(65536)) + frame(other, b'still')) * 40 + ending())
            equal(process.wait(LIMIT), 0)
            left = process.stderr if kind == STDOUT else process.stdout
            equal(left.read(), b'still' * 40)


def test_a_reader_that_goes_away_while_it_is_waited_for():
    with Bench().listen() as bench:
        process, call = bench.started()
        call.send(frame(STDOUT, bytes(65536)) * 2)
        wait_until(lambda: is_full(process, process.stdout.fileno()))
        process.stdout.close()
        call.send(frame(STDERR, b'still') + ending(1, 3))
        equal((process.wait(LIMIT), process.stderr.read()), (1, b'still'))


def test_descriptors_that_are_closed():
    for closed in ((1,), (2,), (1, 2), (0, 1, 2), (0,)):
        with Bench().listen() as bench:
            options = {} if 2 in closed else {'stderr': subprocess.PIPE}
            process = bench.start('config', env={'A': 'secret'},
                                  preexec_fn=lambda: [os.close(fd) for fd in closed], **options)
            call = bench.accept()
            equal(call.request(), [(ARGUMENT, b'config'), (VARIABLE, b'A=secret'), (GO, b'')])
            call.send(frame(STDOUT, b'o') + frame(STDERR, b'e') + ending())
            equal(end_of(process), (0, b'' if 1 in closed else b'o', b'' if 2 in closed else b'e'))
            true(call.ended(), 'output went into the connection')


def test_output_of_every_kind():
    text = os.urandom(300000)
    sent = b''.join(frame(STDOUT, text[at:at + 50000]) for at in range(0, len(text), 50000)) + ending()
    with Bench().listen() as bench:
        path = bench.file('log', b'before ')
        with open(path, 'ab') as log:  # a regular file, at the place where the runner is
            process, call = bench.started(stdout=log)
            call.send(sent)
            equal(end_of(process), (0, None, b''))
        with open(path, 'rb') as log:
            true(log.read() == b'before ' + text, 'the file holds something else')
        for path in ('/dev/null', '/dev/full'):
            with open(path, 'wb') as device:
                process, call = bench.started(stdout=device)
                call.send(sent)
                equal(end_of(process), (0, None, b''))
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process, call = bench.started(stdout=theirs)
            theirs.close()
            call.send(sent)
            got = b''
            while part := ours.recv(1 << 16):
                got += part
            true(got == text, 'the socket got something else')
            equal(end_of(process), (0, None, b''))
        process, call = bench.started(stdout=os.open(os.devnull, os.O_RDONLY))  # not to be written
        call.send(sent)
        equal(end_of(process), (0, None, b''))


# --- signals

def forwarded(process, call):
    """Each signal arrives, while the hook is as it is."""
    for number in supervisor.SIGNALS:
        process.send_signal(number)
        equal(call.frame(), (SIGNAL, bytes((number,))))


def test_signals_are_forwarded():
    with Bench().listen() as bench:
        process, call = bench.started()
        forwarded(process, call)
        call.send(frame(STDOUT, b'x'))
        forwarded(process, call)
        call.send(ending(1, 143))
        equal(end_of(process), (1, b'x', b''))


def test_signals_are_forwarded_while_a_pipe_is_full():
    for kind in (STDOUT, STDERR):
        with Bench().listen() as bench:
            process, call = bench.started()
            call.send(frame(kind, bytes(65536)) * 2)
            pipe = process.stdout if kind == STDOUT else process.stderr
            wait_until(lambda: is_full(process, pipe.fileno()))
            forwarded(process, call)
            call.send(ending())
            code, *streams = end_of(process)
            equal((code, sum(map(len, streams))), (0, 131072))


def test_a_pipe_that_cannot_be_opened_again():
    with Bench().listen() as bench:
        reading, writing = os.pipe()
        os.fchmod(writing, 0)
        os.chmod(bench.path, 0o777)
        process = as_nobody(bench, 'prepare', stdout=writing)
        call = bench.accept()
        call.request()
        call.send(frame(STDOUT, bytes(65536)) * 2)
        wait_until(lambda: is_full(process, reading))
        forwarded(process, call)
        equal(len(os.read(reading, 4096)), 4096)
        wait_until(lambda: is_full(process, reading))
        forwarded(process, call)
        call.send(frame(STDERR, b'e') + ending())
        os.close(writing)
        with os.fdopen(reading, 'rb') as rest:
            equal(len(rest.read()), 131072 - 4096)
        equal(end_of(process), (0, None, b'e'))


def test_signals_are_forwarded_while_others_fill_the_pipe():
    with Bench().listen() as bench:
        reading, writing = os.pipe()
        process, call = bench.started(stdout=writing)
        call.send(frame(STDOUT, b'first'))
        equal(os.read(reading, 5), b'first')
        stop = threading.Event()

        def fill():
            os.set_blocking(other, False)
            while not stop.is_set():
                try:
                    os.write(other, bytes(4096))
                except BlockingIOError:
                    pass

        other = os.open('/proc/self/fd/%d' % writing, os.O_WRONLY)
        thread = threading.Thread(target=fill, daemon=True)
        thread.start()
        try:
            call.send(frame(STDOUT, b'x' * 65536))
            for _ in range(200):  # time and again there is some room, and who takes it is open
                os.read(reading, 4096)
                process.send_signal(signal.SIGTERM)
                equal(call.frame(), (SIGNAL, bytes((signal.SIGTERM,))))
        finally:
            stop.set()
            thread.join()
            os.close(other)
            os.close(writing)
            os.close(reading)
        call.send(ending())
        equal(end_of(process), (0, None, b''))


def test_signals_are_forwarded_while_a_socket_or_terminal_is_full():
    ours, theirs = socket.socketpair()
    master, slave = pty.openpty()
    with ours, theirs, Bench().listen() as bench:
        for output in (theirs.fileno(), slave):
            process, call = bench.started(stdout=output)
            call.socket.setblocking(False)
            pending = memoryview(frame(STDOUT, b'line\n' * 13000) * 40)

            def stuck():
                nonlocal pending
                try:
                    pending = pending[call.socket.send(pending):]
                except BlockingIOError:
                    return sleeps(process)

            wait_until(stuck)
            call.socket.settimeout(LIMIT)
            forwarded(process, call)
            process.kill()
            equal(process.wait(), -signal.SIGKILL)
    os.close(master)
    os.close(slave)


def test_a_supervisor_that_takes_no_signals():
    with Bench().listen() as bench:
        process, call = bench.started()
        for _ in range(2000):
            process.send_signal(signal.SIGTERM)
        wait_until(lambda: sleeps(process))
        call.send(frame(STDOUT, b'x') + ending())
        equal(end_of(process), (0, b'x', b''))


def test_signals_before_go_end_the_hook():
    def while_waiting(bench):
        return bench.start('config', wait='300', env={SYSTEM: '9'})

    def before_hello(bench):
        process = while_waiting(bench.listen())
        bench.accept(b'')
        return process

    def while_sending(bench):
        script = bench.file('script', bytes(5 << 20))
        process = bench.listen().start('run', script, 'build', env={SYSTEM: '9'})
        bench.accept().exactly(1)
        return process

    for begin in (while_waiting, before_hello, while_sending):
        for number in supervisor.SIGNALS:
            with Bench() as bench:
                process = begin(bench)
                wait_until(lambda: int(state(process, 'SigBlk'), 16) >> number - 1 & 1 and sleeps(process))
                process.send_signal(number)
                failed(process, 'signal %d' % number, code=9)


def test_stderr_that_nobody_reads_does_not_keep_a_failure():
    with Bench() as bench:
        reading, writing = os.pipe()
        os.close(reading)
        process = bench.start('config', wait='1', stderr=writing)
        os.close(writing)
        equal(process.wait(LIMIT), 2)


def main(arguments):
    binary, *names = arguments
    Bench.hook = os.path.abspath(binary)
    tests = [(name, test) for name, test in globals().items() if name.startswith('test_') and callable(test)]
    bad = 0
    for name, test in tests:
        if names and name not in names:
            continue
        try:
            test()
        except Exception:
            bad += 1
            print('FAILED: %s\n%s' % (name, traceback.format_exc()), flush=True)
    print('%d checks passed, %d tests failed' % (checks, bad))
    return 1 if bad or not checks else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
