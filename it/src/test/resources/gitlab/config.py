"""Reads config.toml, and refuses what a gitlab-runner would ignore or what would give its token away."""

import os
import tomllib
import uuid

CALLS = ('config', 'prepare', 'run', 'cleanup')
CUSTOM = {f'{call}_exec': str for call in CALLS}
CUSTOM |= {f'{call}_args': list for call in CALLS}
CUSTOM |= {f'{call}_exec_timeout': int for call in CALLS if call != 'run'}
CUSTOM |= {'graceful_kill_timeout': int, 'force_kill_timeout': int}

GLOBAL = set('''
concurrent log_level log_format check_interval sentry_dsn connection_max_age listen_address shutdown_timeout user
session_server runners experimental labels'''.split())

RUNNER = set('''
name limit output_limit request_concurrency unhealthy_requests_limit unhealthy_interval strict_check_interval
job_status_final_update_retry_limit url token id token_obtained_at token_expires_at tls-ca-file tls-cert-file
tls-key-file executor builds_dir cache_dir clone_url environment pre_clone_script post_clone_script
pre_get_sources_script post_get_sources_script pre_build_script post_build_script debug_trace_disabled
safe_directory_checkout clean_git_config shell custom_build_dir cache custom feature_flags referees monitoring
labels'''.split())


class ConfigError(Exception):
    pass


def need(table, key, kind):
    if not isinstance(table.get(key), kind):
        raise ConfigError(f'{key} must be a {kind.__name__}, not {table.get(key)!r}')
    return table[key]


def refuse_unknown(table, known, where):
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ConfigError(f'{where} has keys that gitlab-runner does not know: {", ".join(unknown)}')


def check_runner(runner):
    refuse_unknown(runner, RUNNER, '[[runners]]')
    for key in ('name', 'url', 'token'):
        if not need(runner, key, str):
            raise ConfigError(f'{key} is empty')
    if runner.get('executor') != 'custom':
        raise ConfigError(f'the executor is {runner.get("executor")!r}, not custom')
    custom = need(runner, 'custom', dict)
    refuse_unknown(custom, CUSTOM, '[runners.custom]')
    need(custom, 'run_exec', str)
    for key, kind in CUSTOM.items():
        value = custom.get(key)
        if value is None:
            continue
        need(custom, key, kind)
        if kind is list and not all(isinstance(item, str) for item in value):
            raise ConfigError(f'{key} must be a list of texts')
        if kind is int and value < 0:
            raise ConfigError(f'{key} is negative')
        if key.endswith('_exec') and not (os.path.isabs(value) and os.access(value, os.X_OK)):
            raise ConfigError(f'{key} names no program: {value}')


def read(path):
    """The whole table, with each runner's system_id in it."""
    mode = os.stat(path).st_mode & 0o777
    if mode & 0o077:
        raise ConfigError(f'{path} holds a token and has mode {mode:o}')
    with open(path, 'rb') as file:
        table = tomllib.load(file)
    refuse_unknown(table, GLOBAL, 'config.toml')
    if need(table, 'concurrent', int) < 1:
        raise ConfigError('concurrent must be at least 1')
    if not need(table, 'runners', list):
        raise ConfigError('there are no [[runners]]')
    identity = system_id(os.path.dirname(os.path.abspath(path)))
    for runner in table['runners']:
        check_runner(runner)
        runner['system_id'] = identity
    return table


def system_id(directory):
    """Kept beside config.toml where that can be written."""
    path = os.path.join(directory, '.runner_system_id')
    try:
        with open(path, encoding='ascii') as file:
            return file.read().strip()
    except FileNotFoundError:
        identity = 'r_' + uuid.uuid4().hex[:12]
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w', encoding='ascii') as file:
            file.write(identity)
    except OSError:
        pass  # A runner lives with a new one at each start then.
    return identity
