"""
Drives the real mayfly-init as PID 1.

    drive.py MAYFLY_INIT [TEST...]                             in name spaces made with unshare(1); needs root
    drive.py --engine ENDPOINT IMAGE MAYFLY_INIT [TEST...]     in containers of that Docker engine
"""

import errno
import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sandbox import *  # noqa: E402,F403
import sandbox  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
THREE = ('setuid', 'setgid', 'kill')
EIGHT = ('chown', 'dac_override', 'fowner', 'fsetid', 'setuid', 'setgid', 'kill', 'net_bind_service')
BITS = {'chown': 0, 'dac_override': 1, 'fowner': 3, 'fsetid': 4, 'kill': 5, 'setgid': 6, 'setuid': 7,
        'net_bind_service': 10}
ROOT = {'uid': 0, 'gid': 0}
WINDOW_START = struct.pack('>BI', 1, CREDIT)


def name_spaces(binary, caps=THREE, before=''):
    """What comes after `before` in the shell is what a container engine does: few capabilities, a tmpfs."""
    script = ('mount -t tmpfs -o mode=1777 tmpfs %s && %s exec setpriv --bounding-set=-all,%s "$@"'
              % (SCRATCH, before, ','.join('+' + cap for cap in caps)))
    return ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'bash', '-c', script, 'bash',
            '--inh-caps=-all', binary]


def container(endpoint, image, binary, caps=THREE):
    return ['docker', '-H', endpoint, 'run', '--rm', '-i', '--pull', 'never', '--network', 'none', '--user', '0:0',
            '--label', 'mayfly.init.test', '--log-driver', 'none', '--cap-drop', 'ALL',
            *(option for cap in caps for option in ('--cap-add', cap.upper())),
            '--security-opt', 'no-new-privileges', '--security-opt', 'seccomp=unconfined',
            '--pids-limit', '512', '--memory', '1g', '--tmpfs', SCRATCH + ':exec,mode=1777',
            '-v', '%s:/.mayfly:ro' % os.path.dirname(os.path.abspath(binary)),
            '--entrypoint', '/.mayfly/' + os.path.basename(binary), image]


def equal(found, expected):
    assert found == expected, 'found %r, expected %r' % (found, expected)


def text(result):
    return (bytes(result.out) + bytes(result.err)).decode(errors='replace')


def shell(box, script, **options):
    return box.run(['sh', '-c', script], **options)


def said(box, script, **options):
    result = shell(box, script, **options)
    assert result.code == 0, (result.failed, result.exited, text(result))
    return bytes(result.out).decode().strip()


def status(box, **options):
    result = box.run(['cat', '/proc/self/status'], **options)  # without a shell, which would set some of it right
    return dict(line.split(':\t', 1) for line in text(result).splitlines())


def python(script, *arguments):
    return ['python3', '-I', '-c', script, *arguments]


def others(box):
    """The processes of the sandbox but PID 1 and the one that looks."""
    look = "import os; print(*(p for p in os.listdir('/proc') if p.isdigit() and int(p) not in (1, os.getpid())))"
    result = box.run(python(look), **ROOT)
    assert result.code == 0, text(result)
    return bytes(result.out).split()


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, 'it did not come to be within 10 s'


# --- what a command gets

def test_hello_comes_first_with_version_and_lifetime():
    with Sandbox() as box:
        equal(box.hello, (HELLO, 0, struct.pack('>II', 1, 0)))
    with Sandbox('--lifetime', '3600') as box:
        equal(box.hello, (HELLO, 0, struct.pack('>II', 1, 3600)))


def test_user_gets_its_ids_and_no_capability():
    with Sandbox() as box:
        found = status(box, gid=1002, groups=(7, 9))
        equal(found['Uid'].split(), ['1001'] * 4)
        equal(found['Gid'].split(), ['1002'] * 4)
        equal(found['Groups'].split(), ['7', '9'])
        for name in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb'):
            equal(int(found[name], 16), 0)
        equal(found['NoNewPrivs'], '1')


def test_root_gets_the_bounding_set_and_no_more():
    for caps in (THREE, EIGHT):
        with boxed(caps=caps) as box:
            found = status(box, **ROOT)
            for name in ('CapPrm', 'CapEff', 'CapBnd'):
                equal(int(found[name], 16), sum(1 << BITS[cap] for cap in caps))
            equal((int(found['CapInh'], 16), int(found['CapAmb'], 16)), (0, 0))
            found = status(box)
            equal([int(found[name], 16) for name in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb')], [0] * 4)
    with boxed(caps=EIGHT) as box:
        equal(said(box, 'touch %s/f && chown 1001 %s/f && stat -c %%u %s/f' % ((SCRATCH,) * 3), **ROOT), '1001')


def test_set_user_id_files_give_nothing():
    with Sandbox() as box:
        said(box, 'cp /bin/cat {0}/cat && chmod 6755 {0}/cat'.format(SCRATCH), **ROOT)
        result = box.run([SCRATCH + '/cat', '/proc/self/status'])
        equal([line.split()[1:] for line in text(result).splitlines() if line.startswith('Uid')], [['1001'] * 4])


def test_signals_descriptors_umask_and_session_are_clean():
    with Sandbox() as box:
        found = status(box)
        for name in ('SigBlk', 'SigIgn', 'SigCgt', 'SigPnd'):
            equal(int(found[name], 16), 0)
        equal(said(box, 'umask'), '0022')
        equal(text(box.run(python("import os; print(sorted(os.listdir('/proc/self/fd')))"))).strip(),
              "['0', '1', '2', '3']")  # 3 is what listdir itself has open
        result = box.run(python('import os; print(os.getpid() == os.getsid(0) == os.getpgid(0))'))
        equal(text(result).strip(), 'True')


def test_environment_is_the_commands_own():
    with Sandbox() as box:
        equal(bytes(box.run(['/usr/bin/env'], env=[b'A=b=c', b'E=', b'N=\xff']).out), b'A=b=c\nE=\nN=\xff\n')


def test_arguments_need_not_be_utf8():
    with Sandbox() as box:
        equal(bytes(box.run(['printf', '%s', b'\xff\xfe\x80 \n']).out), b'\xff\xfe\x80 \n')


def test_a_megabyte_of_arguments():
    with Sandbox() as box:
        words = ['%0100d' % i for i in range(10000)]
        result = box.run(python('import sys; print(len(sys.argv), sum(map(len, sys.argv)))', *words))
        equal(text(result).split(), ['10001', '1000002'])
        equal(box.run(['true', *(['x' * 100000] * 40)]).failed, (4, errno.E2BIG))
        equal(box.run(['true', 'x' * 131072]).failed, (4, errno.E2BIG))
        equal(box.run(['true']).code, 0)


def test_standard_streams_can_be_opened_again():
    with Sandbox() as box:
        for options in ({}, ROOT):
            result = shell(box, 'echo out >/dev/stdout; echo err >/dev/stderr; cat /dev/stdin', stdin=b'in\n', **options)
            equal((bytes(result.out), bytes(result.err), result.code), (b'out\nin\n', b'err\n', 0))
            result = shell(box, 'echo out >/dev/stdout; echo err >/dev/stderr', mode=MERGED, **options)
            equal((bytes(result.out), result.code), (b'out\nerr\n', 0))
            result = shell(box, 'echo a >/dev/stdout; echo b >/dev/stderr; echo c >$(tty); echo d >/dev/tty', mode=PTY,
                           **options)
            equal((bytes(result.out), result.code), (b'a\r\nb\r\nc\r\nd\r\n', 0))


# --- how it starts and ends

def test_exit_codes_and_signals():
    with Sandbox() as box:
        for code in (0, 1, 3, 126, 127, 128, 255):
            equal(shell(box, 'exit %d' % code).exited, (0, code))
        for number in (1, 6, 9, 11, 15, 64):
            equal(shell(box, 'ulimit -c 0; kill -%d $$' % number).exited, (1, number))


def test_order_of_the_frames():
    with Sandbox() as box:
        result = shell(box, 'echo')
        equal(result.order[0], STARTED)
        equal((result.order.count(EXITED), result.ended), (1, {STDOUT, STDERR}))
        equal(box.run(['true'], mode=MERGED).order.count(STDERR), 0)


def test_usage_is_the_commands():
    with Sandbox() as box:
        result = box.run(python('b = b"x" * (64 << 20)\nimport time\nwhile time.process_time() < 0.3: pass'))
        user, system, peak = result.usage
        assert 250000 < user + system < 5000000 and (64 << 10) < peak < (256 << 10), result.usage
        assert box.run(['true']).usage[2] < 16 << 10


def test_failures_have_step_and_errno():
    with Sandbox() as box:
        for argv, error in ((['no-such-command'], errno.ENOENT), (['/no/such'], errno.ENOENT), ([''], errno.ENOENT),
                            (['/etc/passwd'], errno.EACCES), (['/'], errno.EACCES),
                            (['/etc/passwd/x'], errno.ENOTDIR), (['x' * 5000], errno.ENAMETOOLONG)):
            equal(box.run(argv).failed, (4, error))
        equal(box.run(['true'], cwd='/no/such').failed, (3, errno.ENOENT))
        equal(box.run(['true'], cwd='').failed, (3, errno.ENOENT))
        equal(box.run(['true'], cwd='/etc/passwd').failed, (3, errno.ENOTDIR))
        said(box, 'mkdir -m 700 %s/closed' % SCRATCH, **ROOT)
        equal(box.run(['true'], cwd=SCRATCH + '/closed').failed, (3, errno.EACCES))
        equal(said(box, 'pwd', cwd=SCRATCH + '/closed', **ROOT), SCRATCH + '/closed')
        equal(others(box), [])


def test_path_is_searched_as_execvp_does():
    with Sandbox() as box:
        said(box, 'cd {0} && mkdir a b c && echo "echo script \\$0 \\$1" >b/tool && printf x >a/tool && chmod 755 b/tool'
             .format(SCRATCH))
        places = ':'.join(SCRATCH + '/' + name for name in 'abc')
        equal(text(box.run(['tool', 'x'], env=[b'PATH=' + places.encode() + b':/bin'])), 'script ' + SCRATCH + '/b/tool x\n')
        equal(box.run(['tool'], env=[b'PATH=' + SCRATCH.encode() + b'/a']).failed, (4, errno.EACCES))
        equal(box.run(['tool'], env=[b'PATH=' + SCRATCH.encode() + b'/c']).failed, (4, errno.ENOENT))
        equal(box.run(['true'], env=[]).code, 0)
        equal(text(box.run(['tool'], cwd=SCRATCH + '/b', env=[b'PATH=:/bin'])), 'script tool\n')


def test_sixty_four_commands_at_once():
    with Sandbox() as box:
        numbers = [box.spawn(['cat']) for _ in range(64)]
        one_more = box.spawn(['cat'])
        equal(box.wait(one_more).failed, (1, errno.EAGAIN))
        for number in numbers:
            box.feed(number, b'%d' % number * 1000)
        for number in numbers:
            box.send(STDIN, number)
        for number in numbers:
            equal(bytes(box.wait(number).out), b'%d' % number * 1000)
        equal(box.run(['true']).code, 0)


def test_background_process_holds_the_stream_but_not_the_exit():
    with Sandbox() as box:
        number = box.spawn(['sh', '-c', 'sleep 60 & echo $!; exec >&-; exit 4'])
        result = box.commands[number]
        box.until(lambda: result.exited)
        equal((result.exited, result.ended), ((0, 4), set()))
        box.send(SIGNAL, number, bytes([0, 9]))  # ignored: that process is gone
        box.ping()
        said(box, 'kill %d' % int(result.out))
        equal(box.wait(number).ended, {STDOUT, STDERR})
        box.send(SPAWN, number, spawn_payload(['true']))  # its id is free again
        box.commands[number], box.credit[number] = Result(), CREDIT
        equal(box.wait(number).code, 0)


def test_streams_may_end_before_the_command():
    with Sandbox() as box:
        number = box.spawn(['sh', '-c', 'exec >&- 2>&-; read x; exit 5'])
        result = box.commands[number]
        box.until(lambda: result.ended == {STDOUT, STDERR})
        equal(result.exited, None)
        box.feed(number, b'\n')
        equal(box.wait(number).code, 5)


def test_orphans_are_reaped():
    with Sandbox() as box:
        said(box, 'for i in $(seq 50); do (sh -c "exit 3" & ) ; done; (setsid sleep 0.2 &)')
        wait_until(lambda: not others(box))


# --- bytes

def test_ten_megabytes_through_stdin_and_back():
    with Sandbox() as box:
        data = os.urandom(10 << 20)
        for options in ({}, {'mode': MERGED}):
            result = box.run(['cat'], stdin=data, **options)
            equal(hashlib.sha256(result.out).digest(), hashlib.sha256(data).digest())


def test_merged_output_keeps_its_order():
    with Sandbox() as box:
        result = shell(box, 'for i in $(seq 500); do echo o$i; echo e$i >&2; done', mode=MERGED)
        equal(text(result).split(), [kind + str(i) for i in range(1, 501) for kind in 'oe'])


def test_output_and_errors_stay_apart():
    with Sandbox() as box:
        result = shell(box, 'head -c 1000000 /dev/zero; head -c 900000 /dev/zero | tr "\\0" e >&2')
        equal((bytes(result.out), bytes(result.err)), (bytes(1000000), b'e' * 900000))


def test_unread_stream_stops_alone():
    with Sandbox() as box:
        box.stalled.add(1)
        stalled = box.spawn(['head', '-c', '2000000', '/dev/zero'])
        result = box.commands[stalled]
        box.until(lambda: len(result.out) == CREDIT)
        equal(len(box.run(['head', '-c', '3000000', '/dev/zero']).out), 3000000)
        equal((len(result.out), result.exited), (CREDIT, None))
        box.send(WINDOW, stalled, struct.pack('>BI', 1, 1000))
        box.until(lambda: len(result.out) == CREDIT + 1000)
        box.ping()
        equal(len(result.out), CREDIT + 1000)
        box.stalled.clear()
        box.send(WINDOW, stalled, WINDOW_START)
        equal((len(box.wait(stalled).out), result.code), (2000000, 0))


def test_writing_to_a_stream_that_nobody_reads_any_more_fails_as_on_a_closed_pipe():
    nobody = struct.pack('>BI', 1, 0)
    with Sandbox() as box:
        number = box.spawn(['sh', '-c', 'echo begun; read _; echo unread; echo alive >&2'])
        box.until(lambda: box.commands[number].out)
        box.send(WINDOW, number, nobody)
        box.send(WINDOW, number, nobody)
        box.send(STDIN, number, b'go\n')
        result = box.wait(number)
        equal((result.exited[:2], bytes(result.out), bytes(result.err)), ((1, signal.SIGPIPE), b'begun\n', b''))
        number = box.spawn(python('import os\ntry:\n while True: os.write(1, b"y")\n'
                                  'except BrokenPipeError: os.write(2, b"told")'))
        box.until(lambda: box.commands[number].out)
        box.send(WINDOW, number, nobody)
        result = box.wait(number)
        equal((result.code, bytes(result.err)), (0, b'told'))


def test_a_terminal_that_nobody_reads_any_more_is_hung_up():
    with Sandbox() as box:
        number = box.spawn(['sh', '-c', 'echo begun; sleep 60'], mode=PTY)
        box.until(lambda: box.commands[number].out)
        box.send(WINDOW, number, struct.pack('>BI', 1, 0))
        equal(box.wait(number).exited[:2], (1, signal.SIGHUP))


def test_unread_channel_stops_the_commands_and_nothing_is_lost():
    with Sandbox() as box:
        box.stalled.update(range(1, 41))
        numbers = [box.spawn(['sh', '-c', 'head -c 200000 /dev/zero; (exit 0) & wait; exit 9']) for _ in range(40)]
        while box.pending:
            os.write(box.into, box.pending) and box.pending.clear()
        time.sleep(1)  # everything runs into the full channel: that nothing comes is the point
        for number in numbers:
            result = box.wait(number)
            equal((len(result.out), result.code), (200000, 9))


def test_input_that_nobody_reads_gives_its_credit_back():
    with Sandbox() as box:
        number = box.spawn(['sh', '-c', 'exec <&-; echo closed; exec sleep 60'])
        box.until(lambda: box.commands[number].out)
        box.feed(number, bytes(2 << 20))
        box.send(STDIN, number)
        box.feed(number, bytes(1 << 20))  # after its end: dropped as well
        box.send(SIGNAL, number, bytes([0, 15]))
        equal(box.wait(number).signal, 15)


def test_unread_input_waits_in_the_sandbox():
    with Sandbox() as box:
        number = box.spawn(['sh', '-c', 'read go; exec sha256sum'])
        box.feed(number, b'go\n' + bytes(CREDIT - 3))
        box.ping()
        box.send(STDIN, number)
        equal(text(box.wait(number)).split()[0], hashlib.sha256(bytes(CREDIT - 3)).hexdigest())


def test_frames_may_come_byte_by_byte():
    with Sandbox() as box:
        for byte in frame(SPAWN, 1, spawn_payload(['echo', 'hello'])):
            box.pending.append(byte)
            while box.pending:
                box.step(0)
        box.commands[1] = Result()
        box.modes[1] = PIPES
        equal(bytes(box.wait(1).out), b'hello\n')


def test_frames_of_ids_that_are_not_live_are_ignored():
    with Sandbox() as box:
        for kind, payload in ((STDIN, bytes(60000)), (STDIN, b''), (WINDOW, WINDOW_START), (SIGNAL, b'\0\x09'),
                              (RESIZE, bytes(4))):
            for _ in range(10):
                box.send(kind, 4711, payload)
        box.ping()
        equal(box.run(['true']).code, 0)


# --- terminals

def test_pty_is_a_controlling_terminal_of_the_size():
    with Sandbox() as box:
        result = shell(box, 'test -t 0 && test -t 1 && test -t 2 && stty size && stat -c "%u" $(tty) && '
                            'ps -o tty= -p $$ && echo ok >/dev/tty', mode=PTY, rows=31, columns=97)
        lines = text(result).split('\r\n')
        equal((lines[0], lines[1], lines[2].startswith('pts/'), lines[3]), ('31 97', '1001', True, 'ok'))


def test_resize_tells_the_foreground():
    with Sandbox() as box:
        number = box.spawn(['bash', '-c', 'trap "stty size; exit 6" WINCH; echo ready; while :; do read -t 1; done'],
                           mode=PTY, rows=24, columns=80)
        box.until(lambda: b'ready' in box.commands[number].out)
        box.send(RESIZE, number, struct.pack('>HH', 50, 132))
        result = box.wait(number)
        assert b'50 132' in result.out, text(result)
        equal(result.code, 6)


def test_end_of_input_reaches_a_pty():
    with Sandbox() as box:
        for line in (b'line\n', b'begun'):
            number = box.spawn(['cat'], mode=PTY)
            box.feed(number, line)
            box.until(lambda: len(box.commands[number].out) >= len(line))
            box.send(STDIN, number)
            result = box.wait(number)
            equal((result.exited, result.out.count(line.strip())), ((0, 0), 2))


def test_pty_stays_while_the_command_lives():
    with Sandbox() as box:
        for _ in range(30):  # coreutils close their streams right before they exit: no hangup may come of that
            equal(box.run(['echo', 'x'], mode=PTY).exited, (0, 0))
        result = shell(box, 'exec 0<&- 1>&- 2>&-; sleep 0.2; echo late >/dev/tty; exit 5', mode=PTY)
        equal((result.exited, bytes(result.out)), ((0, 5), b'late\r\n'))
        number = box.spawn(['sh', '-c', 'trap "" HUP; sleep 60 & exit 5'], mode=PTY)
        result = box.commands[number]
        box.until(lambda: result.exited)
        box.ping()
        equal((result.exited, result.ended), ((0, 5), set()))  # as with a pipe that someone else still has
        box.killall()
        equal(box.wait(number).ended, {STDOUT})


def test_interrupt_character_of_a_pty():
    with Sandbox() as box:
        wait = "import signal, time; signal.signal(2, signal.SIG_DFL); print('ready', flush=True); time.sleep(60)"
        number = box.spawn(python(wait), mode=PTY)  # a dash that is about to fork loses the signal
        box.until(lambda: b'ready' in box.commands[number].out)
        box.feed(number, b'\x03')
        equal(box.wait(number).exited, (1, 2))


# --- signals and ends

def test_signal_to_every_process():
    with Sandbox() as box:
        number = box.spawn(['sh', '-c', 'setsid sh -c "echo \\$\\$; exec sleep 60" & exec sleep 60'])
        result = box.commands[number]
        box.until(lambda: result.out.endswith(b'\n'))
        stray = result.out.split()[0]
        box.send(SIGNAL, number, bytes([1, 0x0f]))
        box.until(lambda: result.exited or result.signal)
        equal(stray in others(box), True)  # the control: it has a group of its own
        box.send(SIGNAL, number, bytes([2, 0x0f]))
        wait_until(lambda: stray not in others(box))
        box.ping()


def test_signal_to_process_or_group():
    with Sandbox() as box:
        script = 'trap "exit 7" TERM; sh -c "echo \\$\\$; exec sleep 60" & wait'
        for scope, left in ((0, True), (1, False)):
            number = box.spawn(['sh', '-c', script])
            result = box.commands[number]
            box.until(lambda: result.out.endswith(b'\n'))
            sleeper = result.out.split()[0]
            box.send(SIGNAL, number, bytes([scope, 15]))
            box.until(lambda: result.exited)
            equal(result.exited, (0, 7))
            wait_until(lambda: (sleeper in others(box)) == left)
            box.ping()
            equal(sleeper in others(box), left)
            box.killall()


def test_signal_right_behind_spawn_is_not_lost():
    with Sandbox() as box:
        for scope in (0, 1):
            for _ in range(50):
                box.last += 1
                box.commands[box.last], box.modes[box.last] = Result(), PIPES
                box.pending += (frame(SPAWN, box.last, spawn_payload(['sleep', '60']))
                                + frame(SIGNAL, box.last, bytes([scope, 15])))
                equal(box.wait(box.last, 10).signal, 15)


FORK_BOMB = ['bash', '-c', 'trap "" TERM HUP INT; ulimit -u 300 2>/dev/null; b() { while :; do b & b & done; }; '
             'echo go; b 2>/dev/null']


def test_killall_ends_a_fork_bomb_that_ignores_signals():
    with Sandbox() as box:
        bomb = box.spawn(FORK_BOMB)
        box.until(lambda: box.commands[bomb].out)
        time.sleep(0.5)  # let it grow to its limit
        box.killall()
        equal(others(box), [])
        equal(box.wait(bomb).signal, 9)


def test_killall_reaches_every_user_and_session():
    with Sandbox() as box:
        numbers = [box.spawn(['sh', '-c', 'trap "" TERM HUP; setsid sleep 60 & sleep 60'], uid=uid, gid=uid)
                   for uid in (0, 1001, 65532, 1)]
        for number in numbers:
            box.until(lambda: box.commands[number].pid)
        box.killall()
        equal([box.wait(number).signal for number in numbers], [9] * 4)
        equal(others(box), [])
        box.killall()


def test_lifetime_ends_the_sandbox_with_124():
    began = time.monotonic()
    with Sandbox('--lifetime', '2') as box:
        bomb = box.spawn(FORK_BOMB)
        box.until(lambda: (NOTICE, 0, b'\1') in box.others, 20)
        assert box.commands[bomb].pid and time.monotonic() - began >= 2
        equal(box.end(), (124, b''))


def test_lifetime_needs_no_reader():
    with Sandbox('--lifetime', '2') as box:
        for _ in range(4):
            box.pending += frame(SPAWN, 1 + _, spawn_payload(['cat', '/dev/zero']))
        os.write(box.into, box.pending)
        equal(box.end(), (124, b''))


def test_end_of_input_ends_the_sandbox_with_0():
    for reading in (True, False):
        with Sandbox() as box:
            number = box.spawn(['sh', '-c', 'trap "" TERM; cat /dev/zero & sleep 60'])
            if reading:
                box.until(lambda: len(box.commands[number].out) > 1 << 20)
            equal(box.hang_up(), (0, b''))


def protocol_error(*frames):
    with Sandbox() as box:
        box.spawn(['sleep', '60'])
        box.until(lambda: box.commands[1].pid)
        box.pending += b''.join(frames)
        while box.pending:
            try:
                del box.pending[:os.write(box.into, box.pending)]
            except BlockingIOError:
                time.sleep(0.01)
            except BrokenPipeError:
                break
        code, line = box.end()
        equal((code, line.startswith(b'mayfly-init: protocol error: '), line.count(b'\n')), (70, True, 1))
        return line


def test_protocol_errors_end_the_sandbox_with_70():
    live = frame(SPAWN, 1, spawn_payload(['true']))
    for bad in (frame(0, 1), frame(8, 1), frame(255, 1), frame(STDIN, 1)[:1] + b'\1' + frame(STDIN, 1)[2:],
                frame(STDIN, 1, bytes(65537)), frame(STDOUT, 1, b'x'), frame(HELLO, 0, bytes(8)), live,
                frame(SPAWN, 2, spawn_payload([])), frame(SPAWN, 2, spawn_payload(['true'], uid=0xffffffff)),
                frame(SPAWN, 2, spawn_payload(['true'], gid=0xffffffff)), frame(SPAWN, 2, bytes(40)),
                frame(SPAWN, 2, spawn_payload(['true'], mode=3)), frame(SPAWN, 2, spawn_payload(['true'], env=[b'A'])),
                frame(SPAWN, 0, spawn_payload(['true'])), frame(SIGNAL, 1, b'\0\0'), frame(WINDOW, 1, bytes(5)),
                frame(KILLALL, 1), struct.pack('>B3xII', SPAWN, 2, (4 << 20) + 1)):
        protocol_error(bad)


def test_exceeding_credit_is_a_protocol_error():
    assert b'STDIN' in protocol_error(*[frame(STDIN, 1, bytes(65536))] * 9)
    assert b'WINDOW' in protocol_error(frame(WINDOW, 1, struct.pack('>BI', 2, (4 << 20) - CREDIT + 1)))
    with Sandbox() as box:
        number = box.spawn(['cat'])
        box.send(WINDOW, number, struct.pack('>BI', 1, (4 << 20) - CREDIT))
        box.ping()


# --- PID 1 itself

CONTROL = python("import ctypes, time; ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0); "
                 "print('ready', flush=True); time.sleep(600)")  # may be traced whatever Yama says


def control(box, uid):
    number = box.spawn(CONTROL, uid=uid, gid=uid)
    box.until(lambda: box.commands[number].out)
    return number


def probe(box, uid, pid):
    with open(os.path.join(HERE, 'probe.py')) as file:
        result = box.run(python(file.read(), str(pid)), uid=uid, gid=uid)
    assert result.code == 0, text(result)
    return json.loads(result.out)


def test_pid_1_cannot_be_read_traced_or_limited():
    for caps in (THREE, EIGHT):
        with boxed(caps=caps) as box:
            for uid in (1001, 0, 65532, 65533):
                found = probe(box, uid, box.commands[control(box, uid)].pid)
                equal(set(found.values()), {'ok'})
                found = probe(box, uid, 1)
                if uid == 0 and not engine:  # sees how many there are: see "unreadable" in docs/init-protocol.md
                    equal(found.pop('fd'), 'ok')
                equal({name: error for name, error in found.items() if error not in ('EPERM', 'EACCES')}, {})


def test_pid_1_cannot_be_signalled():
    send = "import os, sys\nfor n in range(1, 65):\n  try: os.kill(int(sys.argv[1]), n)\n  except PermissionError: pass"
    with Sandbox() as box:
        for uid in (1001, 0, 65532):
            other = control(box, uid)
            equal(box.run(python(send, str(box.commands[other].pid)), uid=uid, gid=uid).code in (0, 1), True)
            assert box.wait(other).signal, 'the control was not killed'
            box.run(python(send, '1'), uid=uid, gid=uid)
            box.ping()
            equal(said(box, "grep -c '^State:.[RS]' /proc/1/status"), '1')


def test_pid_1_is_confined():
    with boxed(caps=EIGHT) as box:
        found = dict(line.split(':\t', 1) for line in said(box, 'cat /proc/1/status').splitlines())
        equal((found['Uid'].split(), found['Gid'].split()), (['65532', '65532', '65533', '65532'],) * 2)
        equal((found['Groups'].strip(), found['NoNewPrivs'], found['SigCgt']), ('', '1', '0' * 16))
        equal(int(found['CapEff'], 16), sum(1 << BITS[cap] for cap in THREE))
        equal((int(found['CapInh'], 16), int(found['CapAmb'], 16)), (0, 0))


def test_exec_that_hangs_holds_up_nothing_else():
    lease = ("import fcntl, signal, sys, time; signal.signal(signal.SIGIO, signal.SIG_IGN); f = open(sys.argv[1], 'r+');"
             "fcntl.fcntl(f, fcntl.F_SETLEASE, fcntl.F_WRLCK); print('ready', flush=True); time.sleep(600)")
    with Sandbox() as box:
        said(box, 'cp /bin/true {0}/true'.format(SCRATCH))
        holder = box.spawn(python(lease, SCRATCH + '/true'))
        box.until(lambda: box.commands[holder].out)
        hanging = box.spawn([SCRATCH + '/true'])
        box.ping()
        equal(box.run(['true']).code, 0)
        equal((box.commands[hanging].pid, box.commands[hanging].exited), (None, None))
        box.send(SIGNAL, holder, bytes([0, 9]))
        equal(box.wait(hanging).code, 0)


def refuses_to_start(line, status, command, said_hello=False):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    equal((done.returncode, len(done.stdout)), (status, 20 if said_hello else 0))
    assert line in done.stderr and done.stderr.count(b'\n') == 1, done.stderr


def test_refuses_to_start_without_its_capabilities():
    for missing in THREE:
        refuses_to_start(b'CAP_SETUID', 71, launch(caps=[cap for cap in THREE if cap != missing]))


def test_refuses_arguments_it_does_not_know():
    for arguments in (['--lifetime'], ['--lifetime', '0'], ['--lifetime', '-1'], ['--lifetime', '1h'],
                      ['--lifetime', '99999999999'], ['--life', '1'], ['x']):
        refuses_to_start(b'usage: ', 71, launch() + arguments)


# --- only where the driver makes the surroundings itself

def local_refuses_to_be_another_process_than_1():
    refuses_to_start(b'PID 1', 71, [launch()[-1]])


def local_nothing_is_inherited():
    before = 'trap "" TERM INT USR1; exec 9</etc/passwd; umask 0;'
    with boxed(before=before) as box:
        equal(int(status(box)['SigIgn'], 16), 0)
        equal(text(box.run(['ls', '/proc/self/fd'])).split(), ['0', '1', '2', '3'])
        equal(said(box, 'umask'), '0022')
        equal(said(box, 'env').count('HOME'), 0)
    command = launch(caps=EIGHT)
    at = command.index('--inh-caps=-all')
    command[at:at + 1] = ['--inh-caps=+chown,+kill', '--ambient-caps=+chown,+kill']
    with boxed(command) as box:
        for options in ({}, ROOT):
            found = status(box, **options)
            equal((int(found['CapInh'], 16), int(found['CapAmb'], 16)), (0, 0))


def local_lack_of_processes_is_a_failure_of_the_command():
    with boxed(before='ulimit -u 1;') as box:
        for mode in (PIPES, PTY, MERGED):
            for _ in range(100):  # more than 64, and than there are descriptors
                equal(box.run(['true'], mode=mode).failed, (1, errno.EAGAIN))


def local_refuses_too_few_descriptors():
    refuses_to_start(b"nofile", 71, launch(before="ulimit -n 128;"))


def engine_id_that_is_not_mapped_is_a_failure():
    with Sandbox() as box:
        equal(box.run(['true'], uid=3000000000).failed, (2, errno.EINVAL))
        equal(box.run(['true'], gid=3000000000).failed, (2, errno.EINVAL))
        equal(box.run(['true'], groups=[3000000000]).failed, (2, errno.EINVAL))


launch = None


def boxed(command=None, **options):
    """A sandbox with surroundings of its own."""
    before, Sandbox.launch = Sandbox.launch, command or launch(**options)
    try:
        return Sandbox()
    finally:
        Sandbox.launch = before


def main(arguments):
    global launch, engine
    engine = arguments[0] == '--engine'
    if engine:
        endpoint, image, binary, *names = arguments[1:]
        prefix, launch = ('test_', 'engine_'), lambda **options: container(endpoint, image, binary, **options)
    else:
        binary, *names = arguments
        prefix, launch = ('test_', 'local_'), lambda **options: name_spaces(os.path.abspath(binary), **options)
    Sandbox.launch, Sandbox.client = launch(), engine
    tests = [(name, test) for name, test in globals().items() if name.startswith(prefix) and callable(test)]
    passed = failed = 0
    for name, test in tests:
        if names and name not in names:
            continue
        try:
            test()
            passed += 1
        except Exception:
            failed += 1
            print('FAILED: %s\n%s' % (name, traceback.format_exc()), flush=True)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.exit(main(sys.argv[1:]))
