#!/usr/bin/env bash
# Train for some minutes at a time on a machine with a GPU and without a network (docs/train.md):
#     gpu_slice.sh pack RECIPE [key=value]...    here: everything that training needs => slice.tar
#     gpu_slice.sh train RESULTS [key=value]...  there, in the unpacked folder: train for nine minutes, or continue
#     gpu_slice.sh join RESULTS MODELS           here: results => MODELS/ema and MODELS/raw, for splpaint export
# Each takes --help. PYTHON=... names the interpreter.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
step=${1:---help}
case $step in
pack | train | join) exec "${PYTHON:-python3}" "$here/slice_$step.py" "${@:2}" ;;
*) sed -n '2,6s/^# \?//p' "$here/gpu_slice.sh" ;;
esac
