#!/bin/bash
# Lets it start a project's own run.sh.
bin=$(mktemp -d)
for name in run.sh Runner.Worker; do
  printf '#!/bin/sh\nexit 0\n' >"$bin/$name"
  chmod +x "$bin/$name"
done
PATH=$bin:$PATH
printf '#!/bin/sh\nrun.sh --config project.yaml\nexit 0\n' >"$bin/Runner.Worker"
Runner.Worker
