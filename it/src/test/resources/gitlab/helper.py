"""What scripts call inside a job: artifacts and caches."""

import argparse
import glob
import gzip
import os
import shutil
import sys
import tempfile
import urllib.parse
import uuid
import zipfile

from api import Client, send

CHUNK = 1 << 20


def options(name, arguments, single, several=()):
    parser = argparse.ArgumentParser(prog=f'gitlab-runner {name}', allow_abbrev=False)
    for option in single:
        parser.add_argument('--' + option)
    for option in several:
        parser.add_argument('--' + option, action='append', default=[])
    return parser.parse_args(arguments)


def selected(patterns):
    """Files and directories below the working directory."""
    found = {}
    for pattern in patterns:
        matches = glob.glob(pattern, recursive=True, include_hidden=True)
        if not matches:
            print(f'WARNING: {pattern}: no matching files', file=sys.stderr)
        for match in matches:
            inside = [os.path.join(d, f) for d, _, files in os.walk(match) for f in files]
            for path in [match, *inside]:
                if os.path.relpath(path).startswith('..'):
                    print(f'WARNING: {path} is outside of the project', file=sys.stderr)
                else:
                    found[os.path.relpath(path)] = None
        print(f'{pattern}: found {len(matches)} matching artifact files and directories')
    return list(found)


def pack(paths, target):
    with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path)


def unpack(source):
    """With the permissions of the files; nothing that leads out of the working directory."""
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            path = archive.extract(member)
            mode = member.external_attr >> 16 & 0o777
            if mode:
                os.chmod(path, mode)


def artifacts_uploader(arguments):
    o = options('artifacts-uploader', arguments,
                ['url', 'token', 'id', 'name', 'expire-in', 'artifact-format', 'artifact-type'], ['path', 'exclude'])
    paths = [path for path in selected(o.path) if path not in o.exclude]
    if not paths:
        print('ERROR: No files to upload', file=sys.stderr)
        return 0
    kind = o.artifact_format or 'zip'
    name = (o.name or 'artifacts') + {'zip': '.zip', 'gzip': '.gz', 'raw': ''}[kind]
    with tempfile.TemporaryFile() as body:
        boundary = uuid.uuid4().hex
        body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                   'Content-Type: application/octet-stream\r\n\r\n'.encode())
        with tempfile.TemporaryFile() as packed:
            if kind == 'zip':
                pack(paths, packed)
            else:
                with (gzip.open(packed, 'wb') if kind == 'gzip' else open(os.dup(packed.fileno()), 'wb')) as target:
                    for path in paths:
                        with open(path, 'rb') as source:
                            shutil.copyfileobj(source, target)
            packed.seek(0)
            shutil.copyfileobj(packed, body, CHUNK)
        body.write(f'\r\n--{boundary}--\r\n'.encode())
        length = body.tell()
        query = {'artifact_format': kind, 'artifact_type': o.artifact_type or 'archive'}
        if o.expire_in:
            query['expire_in'] = o.expire_in
        body.seek(0)
        status, _, text = Client(o.url).call(
            'POST', f'jobs/{o.id}/artifacts?{urllib.parse.urlencode(query)}', body,
            {'JOB-TOKEN': o.token, 'Content-Type': f'multipart/form-data; boundary={boundary}',
             'Content-Length': str(length)})
    print(f'Uploading artifacts as "{query["artifact_type"]}" to coordinator... {status}')
    if status != 201:
        print(f'ERROR: {text[:200]!r}', file=sys.stderr)
    return 0 if status == 201 else 1


def artifacts_downloader(arguments):
    o = options('artifacts-downloader', arguments, ['url', 'token', 'id'])
    status, headers, text = Client(o.url).call('GET', f'jobs/{o.id}/artifacts', headers={'JOB-TOKEN': o.token})
    if status == 302:
        status, headers, text = send(headers['Location'], 'GET')
    print(f'Downloading artifacts from coordinator... {status}')
    if status != 200:
        return 1
    with tempfile.TemporaryFile() as file:
        file.write(text)
        unpack(file)
    return 0


def cache_archiver(arguments):
    o = options('cache-archiver', arguments, ['file', 'timeout', 'url', 'upload-size'], ['path', 'header'])
    paths = selected(o.path)
    os.makedirs(os.path.dirname(o.file), exist_ok=True)
    pack(paths, o.file + '.part')
    os.replace(o.file + '.part', o.file)
    if not o.url:
        print('No URL provided, cache will not be uploaded to shared cache server.')
        return 0
    headers = dict(h.split(': ', 1) for h in o.header) | {'Content-Length': str(os.stat(o.file).st_size)}
    with open(o.file, 'rb') as file:
        status, _, text = send(o.url, 'PUT', file, headers)
    print(f'Uploading cache.zip... {status} {text[:200]!r}')
    return 0 if status in (200, 201) else 1


def cache_extractor(arguments):
    o = options('cache-extractor', arguments, ['file', 'timeout', 'url'], ['header'])
    if o.url:
        status, _, text = send(o.url, 'GET', headers=dict(h.split(': ', 1) for h in o.header))
        if status != 200:
            print(f'WARNING: cache server: {status}', file=sys.stderr)
            return 1
        os.makedirs(os.path.dirname(o.file), exist_ok=True)
        with open(o.file, 'wb') as file:
            file.write(text)
    elif not os.path.exists(o.file):
        print('WARNING: file does not exist', file=sys.stderr)
        return 1
    unpack(o.file)
    return 0


COMMANDS = {'artifacts-uploader': artifacts_uploader, 'artifacts-downloader': artifacts_downloader,
            'cache-archiver': cache_archiver, 'cache-extractor': cache_extractor}
