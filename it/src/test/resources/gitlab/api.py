"""The calls to GitLab: contract in section A2 of the runners' contracts."""

import http.client
import json
import ssl
import time
import urllib.parse
import uuid

from installed import VERSION

RETRIED = (408, 429, 500, 502, 503, 504)
TRIES = 5
TIMEOUT = 60


class Unreachable(Exception):
    pass


def send(url, method, body=None, headers=None, ca=None):
    """Status, headers and body of one answer. A body is bytes, or a file at its beginning with Content-Length given."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == 'https':
        connection = http.client.HTTPSConnection(
            parts.netloc, timeout=TIMEOUT, context=ssl.create_default_context(cafile=ca))
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        target = parts.path + ('?' + parts.query if parts.query else '')
        connection.request(method, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    except (OSError, http.client.HTTPException) as e:
        raise Unreachable(f'{method} {parts.path}: {e}') from e
    finally:
        connection.close()


class Client:
    def __init__(self, url, ca=None):
        self.base, self.ca = url.rstrip('/') + '/api/v4/', ca

    def call(self, method, path, body=None, headers=None):
        """Asks again, a bounded number of times, where the answer tells to."""
        headers = {'User-Agent': f'gitlab-runner {VERSION} (stand-in; linux/amd64)',
                   'X-Request-Id': uuid.uuid4().hex} | (headers or {})
        for attempt in range(1, TRIES + 1):
            status, answer, text = send(self.base + path, method, body, headers, self.ca)
            if status not in RETRIED or attempt == TRIES:
                return status, answer, text
            time.sleep(float(answer.get('Retry-After') or attempt))

    def call_json(self, method, path, content, headers):
        return self.call(method, path, json.dumps(content).encode(),
                         {'Content-Type': 'application/json', 'Accept': 'application/json'} | headers)


FEATURES = {name: True for name in '''
variables shared upload_multiple_artifacts upload_raw_artifacts refspecs masking raw_variables trace_reset
trace_checksum trace_size vault_secrets cancelable return_exit_code service_variables service_multiple_aliases
cancel_gracefully'''.split()} | {name: False for name in 'image services artifacts cache'.split()}
FEATURES |= {'artifacts': True, 'cache': True, 'failure_reasons': '''
script_failure runner_system_failure job_execution_timeout image_pull_failure unknown_failure
runner_configuration_error runner_external_dependency_failure runner_interrupted job_canceled'''.split()}


class Coordinator:
    """GitLab as one runner speaks to it."""

    def __init__(self, runner):
        self.runner = runner
        self.client = Client(runner['url'], runner.get('tls-ca-file'))
        self.last_update = None

    def info(self):
        return {'name': 'gitlab-runner', 'version': VERSION, 'revision': 'stand-in', 'platform': 'linux',
                'architecture': 'amd64', 'executor': 'custom', 'shell': self.runner.get('shell', 'bash'),
                'features': FEATURES, 'config': {'gpus': ''}}

    def request_job(self):
        """A job or None."""
        status, headers, text = self.client.call_json(
            'POST', 'jobs/request',
            {'info': self.info(), 'token': self.runner['token'], 'system_id': self.runner['system_id'],
             'last_update': self.last_update or ''}, {'RUNNER-TOKEN': self.runner['token']})
        if status == 204:
            self.last_update = headers.get('X-GitLab-Last-Update') or self.last_update
            return None
        if status != 201:
            raise Unreachable(f'jobs/request: {status} {text[:200]!r}')
        if headers.get_content_type() != 'application/json':
            raise Unreachable(f'jobs/request: the job comes as {headers.get_content_type()}')
        return json.loads(text)

    def update(self, job, state, trace, reason=None, code=None):
        checksum, size = trace.sums()
        content = {'info': self.info(), 'token': job['token'], 'state': state, 'checksum': checksum,
                   'output': {'checksum': checksum, 'bytesize': size}}
        if reason:
            content['failure_reason'] = supported(reason, job)
        if code:
            content['exit_code'] = code
        return self.client.call_json('PUT', f'jobs/{job["id"]}', content, {'JOB-TOKEN': job['token']})

    def patch(self, job, content, start):
        return self.client.call(
            'PATCH', f'jobs/{job["id"]}/trace?debug_trace=false', content,
            {'Content-Type': 'text/plain', 'Content-Range': f'{start}-{start + len(content) - 1}',
             'JOB-TOKEN': job['token']})


def supported(reason, job):
    """What the server knows, of what it is told."""
    always = ('script_failure', 'runner_system_failure', 'job_execution_timeout')
    if reason in always or reason in ((job.get('features') or {}).get('failure_reasons') or []):
        return reason
    return 'runner_system_failure' if reason.startswith('runner_') else 'unknown_failure'
