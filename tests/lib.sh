# SPDX-License-Identifier: BSD-2-Clause
# lib.sh: what tests/demo and tests/all share: packages and builds.
# shellcheck shell=bash

# The checkout, and the only folder in it that is written to; git does not see it.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$top/build-tests

# Debian's own, whatever else is on PATH: its packages are for this one.
PYTHON3=/usr/bin/python3
export PYTHON3 PYTHONDONTWRITEBYTECODE=1

# shellcheck disable=SC2034  # for those that read this file
build_packages=(autoconf automake make gcc libc6-dev pkg-config libglib2.0-dev libgmime-3.0-dev
	libuchardet-dev libmilter-dev libc-ares-dev liblmdb-dev libjson-glib-dev libsystemd-dev
	libmicrohttpd-dev)

say () {
	printf '%s\n' "$*"
}

die () {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# What root has built belongs to who called sudo, as the checkout does.
give_back () {
	[ -z "${SUDO_UID:-}" ] || [ ! -d "$cache" ] || chown -R "$SUDO_UID:${SUDO_GID:-}" "$cache" || true
}

# Installing packages and a private Postfix take root: asks sudo if need be.
become_root () {
	if [ "$(id -u)" = 0 ]; then
		trap give_back EXIT
		return 0
	fi
	command -v sudo > /dev/null || die "run me as root"
	exec sudo -- "$0" "$@"
}

# Runs a command quietly; shows what it said only if it fails.
quietly () {
	local out status=0

	out=$(mktemp)
	"$@" > "$out" 2>&1 < /dev/null || status=$?
	[ "$status" = 0 ] || tail -n 60 "$out" >&2
	rm -f "$out"
	return "$status"
}

# ---- packages ----------------------------------------------------------------------------------

is_installed () {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]
}

# Never at the price of what is installed: another mail server stays.
apt_install () {
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --no-remove "$@"
}

# Programs of these that run as services, but no service that starts: now, or with the machine.
install_services () {
	local policy=/usr/sbin/policy-rc.d ours='' service

	echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' > "$policy"
		chmod 755 "$policy"
		ours=$policy
	fi
	if ! quietly apt_install "$@"; then
		rm -f ${ours:+"$ours"}
		return 1
	fi
	rm -f ${ours:+"$ours"}
	for service; do
		update-rc.d "$service" disable > /dev/null 2>&1 || true
	done
}

install_missing () {
	local others=() services=() package

	for package; do
		case $package in
		postfix | postfix-* | opendkim | haproxy | systemd-journal-remote | prometheus | mtail)
			services+=("$package") ;;
		*) others+=("$package") ;;
		esac
	done
	[ "${#others[@]}" = 0 ] || quietly apt_install "${others[@]}" || return 1
	[ "${#services[@]}" = 0 ] || install_services "${services[@]}"
}

# Installs those of the packages that are not there.
install_packages () {
	local missing=() package

	for package; do
		is_installed "$package" || missing+=("$package")
	done
	[ "${#missing[@]}" != 0 ] || return 0
	command -v apt-get > /dev/null || die "needs these packages of Debian: ${missing[*]}"
	say "Installing ${missing[*]} ..."
	# The lists may be older than the packages are, or not there at all.
	apt-cache show "${missing[@]}" > /dev/null 2>&1 && install_missing "${missing[@]}" 2> /dev/null &&
		return 0
	quietly apt-get update -q || die "apt-get update failed"
	install_missing "${missing[@]}" || die "could not install ${missing[*]}"
}

# ---- builds ------------------------------------------------------------------------------------

git_here () {
	# Through sudo the checkout belongs to somebody else.
	git -C "$top" -c safe.directory="$top" "$@"
}

# Brings the sources of the checkout into $cache/source: those that git knows or would take, not
# what a build in place has left. So that one does not disturb ours, nor ours that one.
copy_sources () {
	local to=$cache/source

	mkdir -p "$to"
	git_here ls-files --cached --others --exclude-standard | LC_ALL=C sort -u |
		while IFS= read -r file; do
			[ ! -e "$top/$file" ] || printf '%s\n' "$file"
		done > "$cache/files.new"
	if [ -e "$cache/files" ]; then
		LC_ALL=C comm -23 "$cache/files" "$cache/files.new" |
			(cd "$to" && xargs -r -d '\n' rm -f --)
	fi
	tar -C "$top" --verbatim-files-from -T "$cache/files.new" -cf - | tar -C "$to" -xf -
	mv "$cache/files.new" "$cache/files"
}

# Sets $sources, the folder to build from: a copy of the checkout, or an unpacked release as it is.
find_sources () {
	sources=$top
	if [ -e "$top/.git" ] && command -v git > /dev/null; then
		copy_sources
		sources=$cache/source
	fi
}

# build NAME [OPTION]...: from $sources in $cache/NAME, again only what has changed; all of it, or
# what is in the array $targets.
build () {
	local folder=$cache/$1

	shift
	# automake writes Makefile.in last; later changes are make's business
	[ -e "$sources/Makefile.in" ] || quietly "$sources/bootstrap" || return 1
	mkdir -p "$folder"
	if [ ! -e "$folder/config.status" ]; then
		(cd "$folder" && quietly "$sources/configure" --quiet "$@") || return 1
	fi
	quietly make -C "$folder" -j "$(nproc)" "${targets[@]:-all}"
}
