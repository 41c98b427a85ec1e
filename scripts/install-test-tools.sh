#!/usr/bin/env bash
# Installs the peers and tools that the tests run against, from Debian's packages, where they are missing.
set -euo pipefail

declare -A packages=(
  [sipp]=sip-tester
  [ffmpeg]=ffmpeg
  [opusdec]=opus-tools
  [chromium]=chromium
  [age]=age
  [cc]=gcc
  [baresip]=baresip-core
  [openssl]=openssl
)

missing=()
for tool in "${!packages[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${packages[$tool]}")
done
# Not in everybody's path.
[ -x /usr/sbin/slapd ] || missing+=(slapd)
[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
[ -e "/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketimeMT.so.1" ] || missing+=(libfaketime)
[ -e /usr/include/srtp2/srtp.h ] || missing+=(libsrtp2-dev)
[ "${#missing[@]}" -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Please install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" fonts-dejavu-core >/dev/null
