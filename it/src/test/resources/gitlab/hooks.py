"""The custom executor's calls: contract in section A1 of the runners' contracts."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading

from context import Context, Ended
from installed import VERSION

BUILD_FAILURE, SYSTEM_FAILURE = 1, 2
DEFAULT_TIMEOUT = 3600
DEFAULT_GRACE = 600
DEFAULT_FORCE = 10

CONFIG_KEYS = {'driver': dict, 'hostname': str, 'builds_dir': str, 'cache_dir': str, 'builds_dir_is_shared': bool,
               'job_env': dict, 'shell': str}


class BuildFailure(Exception):
    """The job's own fault."""

    def __init__(self, message, code, reason='script_failure'):
        super().__init__(message)
        self.code = code
        self.reason = reason


class SystemFailure(Exception):
    """Not the job's fault."""


class Executor:
    """One try to run a job: a directory of its own, and calls from config to cleanup."""

    def __init__(self, runner, job, trace, log):
        self.custom = runner['custom']
        self.trace, self.log = trace, log
        self.directory = tempfile.mkdtemp(prefix='custom-executor')
        self.exit_code_file = os.path.join(self.directory, 'build_exit_code')
        self.response_file = os.path.join(self.directory, 'response.json')
        with open(os.open(self.response_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as file:
            json.dump(job, file)
        self.job_env = {}
        self.variables = {}
        self.scripts = 0

    def environment(self):
        fixed = {'TMPDIR': self.directory, 'BUILD_FAILURE_EXIT_CODE': str(BUILD_FAILURE),
                 'SYSTEM_FAILURE_EXIT_CODE': str(SYSTEM_FAILURE), 'BUILD_EXIT_CODE_FILE': self.exit_code_file,
                 'JOB_RESPONSE_FILE': self.response_file}
        if int(VERSION.split('.')[0]) < 15:
            del fixed['BUILD_EXIT_CODE_FILE']
        return os.environ | fixed | self.job_env | {f'CUSTOM_ENV_{k}': v for k, v in self.variables.items()}

    def config(self, context):
        """The keys that the driver wants set; its job_env is in force from here on."""
        if not self.custom.get('config_exec'):
            return {}
        output = []
        self.prepare_call(context, 'config', output.append)
        text = b''.join(output)
        try:
            answer = json.loads(text) if text.strip() else {}
        except ValueError as e:
            raise SystemFailure(f'config_exec gave no JSON ({e}): {text[:200]!r}') from e
        if not isinstance(answer, dict):
            raise SystemFailure(f'config_exec gave no object: {text[:200]!r}')
        for key, value in answer.items():
            if not isinstance(value, CONFIG_KEYS.get(key, object)):
                raise SystemFailure(f'config_exec: {key} must be a {CONFIG_KEYS[key].__name__}')
        self.job_env = answer.get('job_env', {})
        if not all(isinstance(value, str) for value in self.job_env.values()):
            raise SystemFailure('config_exec: job_env must hold texts')
        return answer

    def prepare(self, context):
        if self.custom.get('prepare_exec'):
            self.prepare_call(context, 'prepare', self.trace.write)

    def prepare_call(self, context, call, out):
        code = self.call(context, call, [], out, self.trace.write)
        if code == BUILD_FAILURE:
            raise BuildFailure(f'exit status {code}', code)
        if code == SYSTEM_FAILURE:
            raise SystemFailure(f'exit status {code}')
        if code != 0:
            raise SystemFailure(f'unknown Custom executor executable exit code {code}')

    def run(self, context, script, stage):
        self.scripts += 1
        directory = os.path.join(self.directory, f'script{self.scripts}')
        os.mkdir(directory, 0o700)
        path = os.path.join(directory, 'script.sh')
        with open(path, 'wb') as file:
            file.write(script)
        os.chmod(path, 0o700)
        code = self.call(context, 'run', [path, stage], self.trace.write, self.trace.write)
        if code == BUILD_FAILURE:
            raise self.build_failure()
        if code != 0:
            raise SystemFailure(f'exit status {code}' if code == SYSTEM_FAILURE
                                else f'unknown Custom executor executable exit code {code}')

    def build_failure(self):
        code = BUILD_FAILURE
        if os.path.exists(self.exit_code_file):
            with open(self.exit_code_file, encoding='utf-8') as file:
                line = file.readline().strip()
            os.unlink(self.exit_code_file)
            try:
                code = int(line)
            except ValueError:
                return BuildFailure(f'the exit code file holds {line!r}', BUILD_FAILURE, 'unknown_failure')
        return BuildFailure(f'exit status {code}', code)

    def cleanup(self):
        """Only ever warns."""
        try:
            if self.custom.get('cleanup_exec'):
                code = self.call(Context(), 'cleanup', [], lambda text: self.say('debug', text),
                                 lambda text: self.say('warning', text))
                if code != 0:
                    self.log('warning', f'cleanup_exec: exit status {code}')
        except (Ended, SystemFailure) as e:
            self.log('warning', f'cleanup_exec: {e}')
        shutil.rmtree(self.directory, ignore_errors=True)

    def say(self, level, text):
        for line in text.decode(errors='replace').splitlines():
            self.log(level, line)

    def call(self, context, call, arguments, out, err):
        """The exit code; raises Ended when the context ended first, after the process group did."""
        context.check()
        bounded = context
        if call != 'run':
            bounded = Context(context, self.custom.get(f'{call}_exec_timeout') or DEFAULT_TIMEOUT)
        try:
            process = subprocess.Popen(
                [self.custom[f'{call}_exec'], *self.custom.get(f'{call}_args', []), *arguments], cwd=self.directory,
                env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                process_group=0)
        except OSError as e:
            raise SystemFailure(f'{call}_exec does not start: {e}') from e
        over, changed = threading.Event(), threading.Event()

        def wait():
            readers = [threading.Thread(target=copy, args=pair, daemon=True)
                       for pair in ((process.stdout, out), (process.stderr, err))]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
            process.wait()
            over.set()
            changed.set()

        threading.Thread(target=wait, daemon=True).start()
        bounded.listen(changed.set)
        changed.wait()
        if bounded is not context:
            bounded.close()
        if not over.is_set():
            self.kill(process, over)
            context.check()
            raise SystemFailure(f'{call}_exec took too long')
        return process.returncode

    def kill(self, process, over):
        signal_group(process, signal.SIGTERM)
        if over.wait(self.custom.get('graceful_kill_timeout') or DEFAULT_GRACE):
            return
        self.log('warning', 'the driver did not end with SIGTERM; SIGKILL')
        signal_group(process, signal.SIGKILL)
        if not over.wait(self.custom.get('force_kill_timeout') or DEFAULT_FORCE):
            raise SystemFailure('failed to kill process, likely process is dormant')


def signal_group(process, number):
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def copy(stream, sink):
    while chunk := stream.read1(1 << 16):
        sink(chunk)
