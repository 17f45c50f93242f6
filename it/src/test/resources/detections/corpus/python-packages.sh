#!/bin/bash
# Makes a virtual environment with pip, installs a package of its own in two ways and runs its tests.
set -euo pipefail
export PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 HOME=$PWD
python3 -m venv environment
mkdir -p package/answer package/tests
cat >package/setup.py <<'PYTHON'
from setuptools import setup
setup(name="answer", version="1.0", packages=["answer"], entry_points={"console_scripts": ["answer = answer:main"]})
PYTHON
cat >package/answer/__init__.py <<'PYTHON'
def main():
    print(42)
PYTHON
cat >package/tests/test_answer.py <<'PYTHON'
import subprocess, sys, unittest
class Answers(unittest.TestCase):
    def test_answer(self):
        self.assertEqual(subprocess.check_output([sys.executable, "-c", "import answer; answer.main()"]), b"42\n")
PYTHON
environment/bin/pip install -q --no-build-isolation --no-use-pep517 ./package
[ "$(environment/bin/answer)" = 42 ]
environment/bin/pip uninstall -q -y answer
environment/bin/pip install -q --no-build-isolation --no-use-pep517 -e ./package
[ "$(environment/bin/answer)" = 42 ]
environment/bin/python -m unittest discover -s package/tests
environment/bin/pip list >/dev/null
environment/bin/pip check
echo "CORPUS-OK python-packages"
