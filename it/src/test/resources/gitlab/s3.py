"""Presigned addresses of the objects of a cache: AWS signature version 4, as the runner's own client makes them."""

import datetime
import hashlib
import hmac
import re
import urllib.parse

ALGORITHM = 'AWS4-HMAC-SHA256'


def object_name(runner, job, key):
    """Below the project's number, for nobody to get the cache of another one by its key."""
    cache = runner['cache']
    parts = [cache.get('Path', ''), *([] if cache.get('Shared') else ['runner', runner['token'][:8]]),
             'project', str(job['job_info']['project_id']), key]
    return '/'.join(part.strip('/') for part in parts if part)


def presign(cache, method, name, seconds):
    s3 = cache['s3']
    server, bucket = s3.get('ServerAddress') or 's3.amazonaws.com', s3['BucketName']
    by_address = re.fullmatch(r'[0-9.:\[\]]+', server)
    host = server if by_address else f'{bucket}.{server}'
    path = urllib.parse.quote(f'/{bucket}/{name}' if by_address else f'/{name}')
    now = datetime.datetime.now(datetime.timezone.utc)
    day, region = f'{now:%Y%m%d}', s3.get('BucketLocation') or 'us-east-1'
    scope = f'{day}/{region}/s3/aws4_request'
    query = urllib.parse.urlencode(
        {'X-Amz-Algorithm': ALGORITHM, 'X-Amz-Credential': f'{s3["AccessKey"]}/{scope}',
         'X-Amz-Date': f'{now:%Y%m%dT%H%M%SZ}', 'X-Amz-Expires': seconds, 'X-Amz-SignedHeaders': 'host'},
        quote_via=urllib.parse.quote, safe='')
    request = '\n'.join([method, path, query, f'host:{host}\n', 'host', 'UNSIGNED-PAYLOAD'])
    text = '\n'.join([ALGORITHM, f'{now:%Y%m%dT%H%M%SZ}', scope, hashlib.sha256(request.encode()).hexdigest()])
    key = b'AWS4' + s3['SecretKey'].encode()
    for part in (day, region, 's3', 'aws4_request', text):
        key = hmac.digest(key, part.encode(), 'sha256')
    return f'{"http" if s3.get("Insecure") else "https"}://{host}{path}?{query}&X-Amz-Signature={key.hex()}'
