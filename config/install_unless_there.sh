#!/bin/sh
# install_unless_there.sh FILE TARGET: for `meson install`; TARGET is below $DESTDIR.
set -eu
target=${DESTDIR:-}$2
if [ -e "$target" ]; then
  echo "keeping $target"
else
  echo "installing $target"
  install -D -m 644 "$1" "$target"
fi
