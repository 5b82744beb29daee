#!/bin/sh
# Installs splpaint with all that serving needs into a new environment, and paints once with it.
# Use: docker/install.sh FOLDER   (run from the repository's root; the Dockerfile does the same)
set -eu
folder=${1:?give the folder of the new environment}
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --no-cache-dir --disable-pip-version-check --quiet '.[serve,formats]'
SPLPAINT_CACHE='' "$folder/bin/splpaint" doctor
