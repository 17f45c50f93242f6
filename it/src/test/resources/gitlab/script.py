"""The bash scripts of a job's stages. Each exports all variables and is evaluated as one text, as the runner's are."""

import os
import re

import s3

SAFE = re.compile(r'[A-Za-z0-9_@%+=:,./-]+')
GREEN, YELLOW, RESET = '\x1b[32;1m', '\x1b[33;1m', '\x1b[0;m'


def quote(text):
    """As bash's $'…', byte by byte."""
    if SAFE.fullmatch(text):
        return text
    escapes = {ord('\\'): '\\\\', ord("'"): "\\'", ord('\n'): '\\n', ord('\r'): '\\r', ord('\t'): '\\t'}
    return "$'" + ''.join(
        escapes.get(byte) or (chr(byte) if 32 <= byte < 127 else f'\\x{byte:02x}')
        for byte in text.encode(errors='surrogateescape')) + "'"


def echo(text, colour=''):
    return f'echo {quote(f"{colour}{text}{RESET if colour else str()}")}'


class Scripts:
    """Makes the script of each stage; None where a stage has nothing to do."""

    def __init__(self, runner, job, variables, project, cache_dir):
        self.runner, self.job, self.variables = runner, job, variables
        self.project, self.cache_dir = project, cache_dir
        self.temporary = project + '.tmp'

    def of(self, stage, status='running'):
        makers = {
            'prepare_script': self.prepare_script, 'get_sources': self.get_sources,
            'clear_worktree': self.clear_worktree, 'restore_cache': self.restore_cache,
            'download_artifacts': self.download_artifacts, 'after_script': lambda: self.step('after_script'),
            'archive_cache': lambda: self.archive_cache('on_success'),
            'archive_cache_on_failure': lambda: self.archive_cache('on_failure'),
            'upload_artifacts_on_success': lambda: self.upload_artifacts('on_success'),
            'upload_artifacts_on_failure': lambda: self.upload_artifacts('on_failure'),
            'cleanup_file_variables': self.cleanup_file_variables}
        lines = makers[stage]() if stage in makers else self.step(stage.removeprefix('step_').replace('build_', ''))
        return self.wrap(lines, status) if lines else None

    def wrap(self, lines, status):
        evaluated = 'eval ' + quote('\n'.join([*self.exports(status), *lines, '']))
        # Without the subshell bash makes 1 of the code of a command that fails, unlike that of exit.
        if self.value('FF_USE_NEW_BASH_EVAL_STRATEGY') in ('1', 'true'):
            evaluated = f'({evaluated})'
        return f'#!/usr/bin/env bash\n\nset -eo pipefail\nset +o noclobber\n: | {evaluated}\nexit 0\n'.encode()

    def exports(self, status):
        lines = []
        for variable in self.variables:
            key, value = variable['key'], variable['value']
            if variable.get('file'):
                path = self.file_of(key)
                lines += [f'mkdir -p {quote(self.temporary)}', f'printf %s {quote(value)} > {quote(path)}']
                value = path
            lines.append(f'export {key}={quote(value)}')
        environment = quote(os.path.join(self.temporary, 'gitlab_runner_env'))
        lines += [f'export CI_JOB_STATUS={status}', f'export GITLAB_ENV={environment}',
                  f'if [ -e {environment} ]; then set -o allexport; . {environment}; set +o allexport; fi']
        return lines

    def file_of(self, key):
        return os.path.join(self.temporary, key)

    def value(self, key, default=''):
        return next((v['value'] for v in reversed(self.variables) if v['key'] == key), default)

    def prepare_script(self):
        environment = quote(os.path.join(self.temporary, 'gitlab_runner_env'))
        return ['echo "Running on $(uname -n)..."', f'mkdir -p {quote(self.temporary)}', f'rm -f {environment}',
                f'touch {environment}']

    def get_sources(self):
        strategy = self.value('GIT_STRATEGY', 'fetch' if self.job.get('allow_git_fetch') else 'clone')
        project, git = quote(self.project), self.job['git_info']
        if strategy == 'none':
            return [echo('Skipping Git repository setup', GREEN), f'mkdir -p {project}']
        refspecs = ' '.join(quote(refspec) for refspec in git.get('refspecs') or [])
        depth = f'--depth {git["depth"]}' if git.get('depth') else ''
        url = quote(git['repo_url'])
        lines = self.hook('pre_get_sources_script')
        if strategy == 'clone':
            lines.append(f'rm -r -f {project}')
        return lines + [
            echo('Fetching changes...', GREEN), f'rm -f {project}/.git/index.lock {project}/.git/shallow.lock',
            f'git init -q {project}', f'cd {project}',
            f'if git remote add origin {url} 2>/dev/null; then {echo("Created fresh repository.", GREEN)}; '
            f'else git remote set-url origin {url}; fi',
            f'git -c protocol.version=2 fetch origin {depth} --prune --quiet {refspecs}',
            echo(f'Checking out {git["sha"][:8]} as detached HEAD (ref is {git["ref"]})...', GREEN),
            f'git checkout -f -q {quote(git["sha"])}', 'git clean -ffdx -q', *self.hook('post_get_sources_script')]

    def clear_worktree(self):
        return [f'if [ -d {quote(self.project)} ]; then cd {quote(self.project)} && rm -rf ./* ./.[!.]*; fi']

    def hook(self, key):
        text = self.runner.get(key)
        return [text] if text else []

    def step(self, name):
        step = next((s for s in self.job['steps'] if s['name'] == name), None)
        if not step or not step['script']:
            return None
        user = name == 'script'
        lines = [f'cd {quote(self.project)}', *(self.hook('pre_build_script') if user else [])]
        if name == 'after_script':
            lines.insert(0, echo('Running after script...', GREEN))
        for command in step['script']:
            first, _, rest = command.strip().partition('\n')
            shown = f'$ {first}' + (' # collapsed multi-line command' if rest else '')
            lines += [echo(shown, GREEN), command]
        return lines + (self.hook('post_build_script') if user else [])

    def with_runner(self, what, lines):
        """Without a gitlab-runner in the image such a stage only warns."""
        return ['if gitlab-runner --version >/dev/null 2>&1; then', *lines, 'else',
                echo(f'Missing gitlab-runner. {what} is disabled.', YELLOW), 'fi']

    def caches(self, policy):
        for cache in self.job.get('cache') or []:
            if cache.get('policy', 'pull-push') in ('pull-push', policy) and cache.get('paths'):
                suffix = '-protected' if self.job['git_info'].get('protected') else '-non_protected'
                key = (cache.get('key') or 'default') + suffix
                path = os.path.join(self.cache_dir, os.path.relpath(self.project, self.root()), key, 'cache.zip')
                yield cache, key, os.path.relpath(path, self.project)

    def shared_cache(self, method, key):
        """Where the distributed cache has it, as an option."""
        cache = self.runner.get('cache') or {}
        if cache.get('Type') != 's3':
            return ''
        name = s3.object_name(self.runner, self.job, key)
        return ' --url ' + quote(s3.presign(cache, method, name, self.job['runner_info']['timeout']))

    def root(self):
        depth = len(project_path(self.job).split('/'))
        return os.path.normpath(os.path.join(self.project, *['..'] * depth))

    def restore_cache(self):
        lines = []
        for _, key, path in self.caches('pull'):
            shared = self.shared_cache('GET', key)
            lines += self.with_runner('Extracting cache', [
                echo(f'Checking cache for {key}...', GREEN),
                f'if gitlab-runner cache-extractor --file {quote(path)} --timeout 10{shared}; then',
                echo('Successfully extracted cache', GREEN), 'else', echo('Failed to extract cache', YELLOW), 'fi'])
        return lines and [f'mkdir -p {quote(self.project)}', f'cd {quote(self.project)}', *lines]

    def archive_cache(self, when):
        lines = []
        for cache, key, path in self.caches('push'):
            if cache.get('when', 'on_success') not in ('always', when):
                continue
            paths = ' '.join(f'--path {quote(p)}' for p in cache['paths'])
            shared = self.shared_cache('PUT', key)
            lines += self.with_runner('Creating cache', [
                echo(f'Creating cache {key}...', GREEN),
                f'if gitlab-runner cache-archiver --file {quote(path)} --timeout 10{shared} {paths}; then',
                echo('Created cache', GREEN), 'else', echo('Failed to create cache', YELLOW), 'fi'])
        return lines and [f'cd {quote(self.project)}', *lines]

    def download_artifacts(self):
        lines = []
        for source in self.job.get('dependencies') or []:
            if not (source.get('artifacts_file') or {}).get('filename'):
                continue
            lines += self.with_runner('Artifacts downloading', [
                echo(f'Downloading artifacts for {source["name"]} ({source["id"]})...', GREEN),
                f'gitlab-runner artifacts-downloader --url {quote(self.runner["url"])} '
                f'--token {quote(source["token"])} --id {source["id"]}'])
        return lines and [f'mkdir -p {quote(self.project)}', f'cd {quote(self.project)}', *lines]

    def upload_artifacts(self, when):
        lines = []
        for artifact in self.job.get('artifacts') or []:
            if (artifact.get('when') or 'on_success') not in ('always', when):
                continue
            command = (f'gitlab-runner artifacts-uploader --url {quote(self.runner["url"])} '
                       f'--token {quote(self.job["token"])} --id {self.job["id"]}')
            for option, key in (('name', 'name'), ('expire-in', 'expire_in'), ('artifact-format', 'artifact_format'),
                                ('artifact-type', 'artifact_type')):
                if artifact.get(key):
                    command += f' --{option} {quote(artifact[key])}'
            command += ''.join(f' --path {quote(path)}' for path in artifact.get('paths') or [])
            lines += self.with_runner('Uploading artifacts', [echo('Uploading artifacts...', GREEN), command])
        return lines and [f'cd {quote(self.project)}', *lines]

    def cleanup_file_variables(self):
        files = [self.file_of(v['key']) for v in self.variables if v.get('file')]
        files.append(os.path.join(self.temporary, 'gitlab_runner_env'))
        return [f'rm -f {quote(file)}' for file in files]


def project_path(job):
    """What the repository's address says: all versions have that."""
    path = re.sub(r'^[a-z]+://[^/]*', '', job['git_info']['repo_url']).strip('/')
    return path.removesuffix('.git')
