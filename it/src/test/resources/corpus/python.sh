#!/bin/bash
# What test suites in Python do: virtual environments, processes, pools, threads, sqlite, asyncio, sockets, memory maps.
set -euo pipefail
# Debian leaves ensurepip to a package of its own.
python3 -m venv --without-pip environment
cat >check.py <<'PYTHON'
import asyncio, concurrent.futures, mmap, multiprocessing, multiprocessing.shared_memory, os, pty, signal, socket
import sqlite3, subprocess, sys, tempfile, threading

assert sys.prefix.endswith("environment"), sys.prefix


def square(number):
    return number * number


def check_processes():
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(4) as pool:
            assert sum(pool.map(len, ["x" * n for n in range(100)])) == 4950, method
    queue = multiprocessing.Queue()
    with multiprocessing.Lock():
        queue.put(1)
    assert queue.get() == 1
    block = multiprocessing.shared_memory.SharedMemory(create=True, size=4096)
    block.close()
    block.unlink()
    out = subprocess.run(["sh", "-c", "cat; exit 3"], input=b"in", stdout=subprocess.PIPE, start_new_session=True)
    assert (out.returncode, out.stdout) == (3, b"in")
    sleeper = subprocess.Popen(["sleep", "60"])
    sleeper.send_signal(signal.SIGTERM)
    assert sleeper.wait() == -signal.SIGTERM


def check_threads():
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(square, range(1000))) == 332833500
    barrier = threading.Barrier(8)
    threads = [threading.Thread(target=barrier.wait) for _ in range(8)]
    [t.start() for t in threads]
    [t.join(10) for t in threads]
    assert not any(t.is_alive() for t in threads)


def check_storage():
    with tempfile.TemporaryDirectory() as directory:
        database = sqlite3.connect(os.path.join(directory, "db"))
        database.execute("pragma journal_mode=wal")
        database.execute("create table t(n)")
        database.executemany("insert into t values (?)", ((n,) for n in range(10000)))
        database.commit()
        assert database.execute("select sum(n) from t").fetchone() == (49995000,)
        database.close()
    with mmap.mmap(-1, 8192) as memory:
        memory.write(b"x" * 8192)
        memory.flush()


async def check_asyncio():
    async def serve(reader, writer):
        writer.write(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    for _ in range(20):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"echo")
        writer.write_eof()
        assert await reader.read() == b"echo"
        writer.close()
    server.close()
    process = await asyncio.create_subprocess_exec("echo", "child", stdout=asyncio.subprocess.PIPE)
    assert (await process.communicate())[0] == b"child\n"


def check_terminal():
    assert os.waitstatus_to_exitcode(pty.spawn(["sh", "-c", "test -t 0 && stty size >/dev/null"], lambda fd: os.read(fd, 1024))) == 0
    assert [name for _, name in socket.if_nameindex()]


# The spawn and forkserver methods import this file again.
if __name__ == "__main__":
    check_processes()
    check_threads()
    check_storage()
    asyncio.run(check_asyncio())
    check_terminal()
PYTHON
timeout 120 environment/bin/python check.py
echo "CORPUS-OK python"
