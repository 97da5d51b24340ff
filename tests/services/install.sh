#!/bin/sh
# Redis, PostgreSQL and Chromium for the tests: found on this machine, or installed when that is allowed, or one clear
# line on what to install. TIPWATCH_TEST_POSTGRES_URL names a PostgreSQL to use instead of a throw-away one.
# Arguments name what is wanted besides, as program:package.
set -u
more="$*"

has() { command -v "$1" >/dev/null 2>&1; }

has_postgres() {
    [ -n "${TIPWATCH_TEST_POSTGRES_URL:-}" ] || has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

has_chromium() { has chromium || has chromium-browser || has google-chrome; }

missing() {
    has redis-server || printf ' redis-server'
    has_postgres || printf ' postgresql'
    has_chromium || printf ' chromium fonts-liberation'
    for pair in $more; do has "${pair%%:*}" || printf ' %s' "${pair#*:}"; done
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif has sudo && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    as_root="none"
fi

if has apt-get && [ "$as_root" != none ]; then
    echo "Installing for the tests:$wanted"
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
fi

wanted=$(missing)
[ -z "$wanted" ] && exit 0
echo "The tests need$wanted. Install them (on Debian, as root: apt-get install$wanted) and run make test again."
exit 1
