"""
A stand-in for gitlab-runner with its custom executor, as far as Mayfly meets it.

    gitlab-runner [--log-format FORMAT] run --config FILE
    gitlab-runner artifacts-uploader|artifacts-downloader|cache-archiver|cache-extractor OPTION...
    gitlab-runner drive --config FILE --job FILE [--runner NAME] [--outcome FILE]

drive runs one job without a GitLab. It writes the log to standard output and the state, failure reason and exit
code to the file, as JSON; SIGUSR1 means 'canceling' to it, SIGUSR2 'canceled', SIGTERM that the runner is stopped.
"""

import argparse
import json
import signal
import sys
import threading

import config
import helper
from build import Build
from daemon import Daemon
from installed import VERSION
from joblog import Trace
from signals import OVER, Signals


def parse(arguments):
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument('--log-format', choices=['runner', 'text', 'json'], default=argparse.SUPPRESS)
    shared.add_argument('--log-level', default=argparse.SUPPRESS)
    parser = argparse.ArgumentParser(prog='gitlab-runner', allow_abbrev=False, parents=[shared])
    commands = parser.add_subparsers(dest='command', required=True)
    run = commands.add_parser('run', parents=[shared])
    run.add_argument('--config', '-c', required=True)
    run.add_argument('--working-directory', '-d')
    run.add_argument('--listen-address')
    drive = commands.add_parser('drive', parents=[shared])
    drive.add_argument('--config', '-c', required=True)
    drive.add_argument('--job', required=True)
    drive.add_argument('--runner')
    drive.add_argument('--outcome')
    return parser.parse_args(arguments)


def logger(form):
    def log(level, message):
        if form == 'json':
            line = json.dumps({'level': level, 'msg': message})
        else:
            line = f'{level.upper()}: {message}'
        print(line, file=sys.stderr, flush=True)
    return log


class Printed(Trace):
    def append(self, data):
        super().append(data)
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def drive(options, table, log):
    runner = next(r for r in table['runners'] if options.runner in (None, r['name']))
    with open(options.job, encoding='utf-8') as file:
        job = json.load(file)
    trace = Printed(runner.get('output_limit'))
    build = Build(runner, job, 0, trace, log)
    signals = Signals(signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM)
    outcome = []

    def work():
        outcome.append(build.run())
        signals.over()

    threading.Thread(target=work, daemon=True).start()
    actions = {signal.SIGUSR1: build.cancel, signal.SIGUSR2: build.abort,
               signal.SIGTERM: lambda: build.abort('interrupted')}
    while (received := signals.next()) != OVER:
        actions[received]()
    state, reason, code = outcome[0]
    trace.finish()
    if options.outcome:
        with open(options.outcome, 'w', encoding='utf-8') as file:
            json.dump({'state': state, 'failure_reason': reason, 'exit_code': code}, file)
    return 0 if state == 'success' else 1


def main():
    if sys.argv[1:2] == ['--version']:
        print(f'Version:      {VERSION}\nGit revision: stand-in')
        return 0
    if sys.argv[1:2] and sys.argv[1] in helper.COMMANDS:
        return helper.COMMANDS[sys.argv[1]](sys.argv[2:])
    options = parse(sys.argv[1:])
    log = logger(getattr(options, 'log_format', 'runner'))
    try:
        table = config.read(options.config)
    except (config.ConfigError, OSError, ValueError) as e:
        log('fatal', f'{options.config}: {e}')
        return 1
    if options.command == 'drive':
        return drive(options, table, log)
    Daemon(table, log).run()
    return 0


sys.exit(main())
