"""One job, from its preparation to its cleanup."""

import json
import os
import re
import threading

from context import Context, Ended
from hooks import BuildFailure, Executor, SystemFailure
from installed import FINISH_SECONDS, RETRY_SECONDS, VERSION
from script import Scripts, project_path

PREPARATIONS = 3
AFTER_SCRIPT_SECONDS = 300
REASONS = {'canceled': 'job_canceled', 'timeout': 'job_execution_timeout', 'interrupted': 'runner_interrupted'}


class Build:
    """The state it ends with is 'success', or 'failed' with a reason and, where it was the job's own, a code."""

    def __init__(self, runner, job, slot, trace, log):
        self.runner, self.job, self.slot, self.trace, self.log = runner, job, slot, trace, log
        self.whole = Context(seconds=job['runner_info']['timeout'])
        self.user_script = None
        self.executor = self.scripts = None

    def cancel(self):
        """The server says 'canceling': from the user's script on only that is ended, and all that follows it runs."""
        (self.user_script or self.whole).end('canceled')

    def abort(self, reason='canceled'):
        self.whole.end(reason)

    def run(self):
        self.say(f'Running with gitlab-runner {VERSION} (stand-in)\n  on {self.runner["name"]} '
                 f'{self.runner["token"][:8]}, system ID: {self.runner["system_id"]}\n')
        failure = None
        try:
            self.prepare()
            try:
                self.execute_bounded()
            finally:
                self.executor.cleanup()
        except (Ended, BuildFailure, SystemFailure) as e:
            failure = e
        self.whole.close()
        return self.outcome(failure)

    def outcome(self, failure):
        match failure:
            case None:
                self.say('\x1b[32;1mJob succeeded\x1b[0;m\n')
                return 'success', None, 0
            case Ended():
                shown = {'canceled': 'canceled', 'interrupted': 'aborted: terminated',
                         'timeout': f'execution took longer than {self.job["runner_info"]["timeout"]} seconds'}
                self.fail(f'Job failed: {shown[failure.reason]}')
                return 'failed', REASONS[failure.reason], 0
            case BuildFailure():
                self.fail(f'Job failed: {failure}')
                return 'failed', failure.reason, failure.code
            case SystemFailure():
                self.fail(f'Job failed (system failure): {failure}')
                return 'failed', 'runner_system_failure', 0

    def prepare(self):
        for attempt in range(1, PREPARATIONS + 1):
            self.executor = Executor(self.runner, self.job, self.trace, self.log)
            try:
                self.prepare_once()
                return
            except (Ended, BuildFailure):
                self.executor.cleanup()
                raise
            except SystemFailure as e:
                self.executor.cleanup()
                if attempt == PREPARATIONS:
                    raise
                self.fail(f'Preparation failed: {e}')
                self.say(f'Will be retried in {RETRY_SECONDS}s ...\n')
                self.whole.wait(RETRY_SECONDS)

    def prepare_once(self):
        self.say('Preparing the "custom" executor\n')
        self.set_variables(None)
        config = self.executor.config(self.whole)
        builds = self.runner.get('builds_dir') or config.get('builds_dir')
        cache = self.runner.get('cache_dir') or config.get('cache_dir')
        if not builds or not cache:
            raise SystemFailure(f'the {"cache_dir" if builds else "builds_dir"} is not configured')
        if config.get('shell', self.runner.get('shell', 'bash')) not in ('bash', 'sh'):
            raise SystemFailure(f'shell {config["shell"]} not found')
        parts = [builds]
        if config.get('builds_dir_is_shared'):
            parts += [self.runner['token'][:8], str(self.slot)]
        project = os.path.join(*parts, project_path(self.job))
        variables = self.set_variables(project, builds)
        if any(v['key'] == 'GIT_CLONE_PATH' for v in variables) and \
                not self.runner.get('custom_build_dir', {}).get('enabled'):
            raise SystemFailure('setting GIT_CLONE_PATH is not allowed, enable `custom_build_dir` feature')
        self.scripts = Scripts(self.runner, self.job, variables, project, cache)
        driver = config.get('driver', {})
        self.say('Using Custom executor'
                 + f' with driver {driver.get("name")} {driver.get("version", "")}'.rstrip() * ('name' in driver)
                 + '...\n')
        self.executor.prepare(self.whole)

    def execute_bounded(self):
        """What runs when the whole job ends early is not waited for without end before its cleanup."""
        failures, changed = [], threading.Event()

        def work():
            try:
                self.execute()
            except (Ended, BuildFailure, SystemFailure) as e:
                failures.append(e)
            done.set()
            changed.set()

        done = threading.Event()
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        self.whole.listen(changed.set)
        changed.wait()
        if not done.is_set():
            if not done.wait(FINISH_SECONDS):
                self.log('warning', 'timed out waiting for the build to finish')
            raise Ended(self.whole.reason)
        if failures:
            raise failures[0]

    def execute(self):
        try:
            self.stage(self.whole, 'prepare_script')
        except (BuildFailure, SystemFailure) as e:
            raise SystemFailure(f'prepare environment: {e}') from e
        failure = self.attempt('get_sources', 'GET_SOURCES_ATTEMPTS', 'clear_worktree') \
            or self.attempt('restore_cache', 'RESTORE_CACHE_ATTEMPTS') \
            or self.attempt('download_artifacts', 'ARTIFACT_DOWNLOAD_ATTEMPTS')
        if not failure:
            failure = self.run_user_script()
        suffix = '_on_failure' if failure else ''
        later = [self.attempt('archive_cache' + suffix),
                 self.attempt('upload_artifacts' + (suffix or '_on_success')), self.attempt('cleanup_file_variables')]
        first = next((f for f in (failure, *later) if f), None)
        if first:
            raise first

    def run_user_script(self):
        self.user_script = Context(self.whole, self.seconds('RUNNER_SCRIPT_TIMEOUT', None))
        failure = None
        for step in self.job['steps']:
            if step['name'] != 'after_script' and not failure:
                stage = 'build_script' if step['name'] == 'script' else f'step_{step["name"]}'
                failure = self.attempt(stage, context=self.user_script)
        self.user_script.close()
        status = 'success'
        if failure:
            status = 'canceled' if isinstance(failure, Ended) and failure.reason == 'canceled' else 'failed'
        after = Context(self.whole, self.seconds('RUNNER_AFTER_SCRIPT_TIMEOUT', AFTER_SCRIPT_SECONDS))
        after_failure = self.attempt('after_script', context=after, status=status)
        after.close()
        if after_failure and not self.whole.reason:
            self.say(f'\x1b[0;33mWARNING: after_script failed, but job will continue unaffected: {after_failure}\x1b[0;m\n')
        return failure

    def attempt(self, stage, attempts_key=None, between=None, context=None, status='running'):
        """What failed in the last attempt, or None."""
        attempts = 1
        if attempts_key and self.scripts.value(attempts_key, '1').isdigit():
            attempts = min(max(int(self.scripts.value(attempts_key, '1')), 1), 10)
        failure = None
        for number in range(attempts):
            try:
                if number and between:
                    self.stage(self.whole, between)
                self.stage(context or self.whole, stage, status)
                return None
            except (Ended, BuildFailure, SystemFailure) as e:
                failure = e
        return failure

    def stage(self, context, stage, status='running'):
        context.check()
        script = self.scripts.of(stage, status)
        if script:
            self.executor.run(context, script, stage)

    def seconds(self, key, default):
        """A Go duration such as 1m30s."""
        text = self.scripts.value(key)
        if not re.fullmatch(r'(\d+(\.\d+)?(ms|s|m|h))+', text):
            return default
        units = {'ms': 0.001, 's': 1, 'm': 60, 'h': 3600}
        return sum(float(n) * units[u] for n, _, u in re.findall(r'(\d+(\.\d+)?)(ms|s|m|h)', text))

    def set_variables(self, project, builds=None):
        """All variables in their order, later ones win; the driver's environment is made of them."""
        image = self.job.get('image') or {}
        services = self.job.get('services') or []
        fixed = {'CI_SHARED_ENVIRONMENT': 'true', 'CI_JOB_IMAGE': image.get('name', ''),
                 'CI_JOB_SERVICES': json.dumps([described(s) for s in services]) if services else '',
                 'CI_CONCURRENT_ID': str(self.slot), 'CI_CONCURRENT_PROJECT_ID': str(self.slot), 'CI_SERVER': 'yes',
                 'CI_RUNNER_SHORT_TOKEN': self.runner['token'][:8],
                 'CI_JOB_TIMEOUT': str(self.job['runner_info']['timeout'])}
        if project:
            fixed |= {'CI_BUILDS_DIR': builds, 'CI_PROJECT_DIR': project}
        variables = [{'key': key, 'value': value, 'raw': True} for key, value in fixed.items()]
        for line in self.runner.get('environment', []):
            key, _, value = line.partition('=')
            variables.append({'key': key, 'value': value})
        variables += [dict(variable) for variable in self.job['variables']]
        values = {v['key']: v['value'] for v in variables}
        for variable in variables:
            if not variable.get('raw'):
                variable['value'] = re.sub(
                    r'\$(?:(\w+)|\{(\w+)\})|\$\$',
                    lambda m: '$' if m[0] == '$$' else values.get(m[1] or m[2], ''), variable['value'])
        self.executor.variables = {v['key']: v['value'] for v in variables}
        self.trace.mask(v['value'] for v in variables if v.get('masked'))
        return variables

    def say(self, text):
        self.trace.write(text.encode())

    def fail(self, text):
        self.say(f'\x1b[31;1mERROR: {text}\x1b[0;m\n')


def described(service):
    """As CI_JOB_SERVICES shows it: the first alias only."""
    return {'name': service.get('name', ''), 'alias': (service.get('alias') or '').split(' ')[0],
            'entrypoint': service.get('entrypoint'), 'command': service.get('command'),
            'variables': {v['key']: v['value'] for v in service.get('variables') or []}}
