#!/bin/sh
# Does README's first two minutes as an ordinary user in a Debian with nothing installed:
#
#     tests/bare_debian.sh [SUITE [TARGET]]     bookworm, trixie, ...; `demo` or another target of make
#
# It makes the Debian in a temporary folder with debootstrap, from the mirror that this machine's apt
# uses, and removes it. Where that is not allowed it says why and ends with 77, as skipped tests do.
set -eu

suite=${1:-bookworm}
target=${2:-demo}
checkout=$(cd "$(dirname "$0")/.." && pwd)
packages=ca-certificates,make,python3,python3-venv # what README asks for

skip() {
	echo "skipped: $1"
	exit 77
}

[ "$(id -u)" -eq 0 ] || skip "only root may make a root folder"
[ -e "$checkout/.git" ] || skip "this is no clone"
command -v debootstrap >/dev/null || skip "there is no debootstrap; apt-get install debootstrap"
unshare --mount --pid --fork true 2>/dev/null || skip "this machine allows no namespaces"
mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 2>/dev/null |
	sed -n 's/ Debian$//p' | grep -v security | head -n 1)
[ -n "$mirror" ] || skip "apt knows no mirror of Debian"

root=$(mktemp -d)
chmod 755 "$root"
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM

echo "==> Making a bare $suite"
debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
	reason=$(tail -n 3 "$root.log")
	rm -f "$root.log"
	skip "debootstrap failed: $reason"
}
rm -f "$root.log"

# Names, certificates, package indexes and proxies are the machine's.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
certificates=/etc/ssl/certs/ca-certificates.crt
if [ -e "$certificates" ]; then cp -L "$certificates" "$root$certificates"; fi
if [ -e /etc/pip.conf ]; then cp -L /etc/pip.conf "$root/etc/"; fi
env | grep -iE '^(pip_(cert|default_timeout|index_url)|uv_(default_)?index(_url)?|ssl_cert_file|[a-z]+_proxy)=' |
	sed "s/'/'\\\\''/g; s/=/='/; s/\$/'/; s/^/export /" >"$root/etc/network.sh" || true

chroot "$root" useradd --create-home --shell /bin/bash ann
mkdir "$root/home/ann/tap-linkedin-ads"
# A fresh clone, changes that are not committed included.
(cd "$checkout" && git -c safe.directory="$checkout" ls-files -z | tar --null -T - -c) |
	tar -x -C "$root/home/ann/tap-linkedin-ads"
chroot "$root" chown -R ann: /home/ann

echo "==> make $target, as an ordinary user of $suite"
# A namespace takes its mounts and processes with it.
unshare --mount --pid --fork --kill-child sh -euc '
	mount -t proc proc "$1/proc"
	mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm" 2>/dev/null || {
		mkdir -p "$1/dev/shm"
		mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm"
	}
	exec chroot "$1" /usr/bin/env -i TERM=dumb su --login ann --command \
		". /etc/network.sh; cd tap-linkedin-ads && make $2"
' sh "$root" "$target"
echo "==> It worked: make $target on $(. "$root/etc/os-release" && echo "$PRETTY_NAME")"
