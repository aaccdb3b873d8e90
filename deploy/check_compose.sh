#!/bin/sh
# Have Docker Compose read docker-compose.yml: with every profile, and without secrets, when it must refuse.
set -eu
cd "$(dirname "$0")/.."
if docker compose version >/dev/null 2>&1; then
    compose="docker compose"
else
    command -v docker-compose >/dev/null || { apt-get update -q && apt-get install -y -q docker-compose; }
    compose=docker-compose
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
sh deploy/make_env.sh "$scratch/env" 2>/dev/null
: > "$scratch/empty"
for profiles in "core" "gpu" "observability" "core gpu" "core gpu observability"; do
    # shellcheck disable=SC2046
    $compose --env-file "$scratch/env" $(printf -- '--profile %s ' $profiles) config -q
    echo "$profiles: understood"
done
if $compose --env-file "$scratch/empty" --profile core config -q 2>"$scratch/told"; then
    echo "docker-compose.yml is accepted without secrets" >&2
    exit 1
fi
grep -q "make compose-env" "$scratch/told" || { cat "$scratch/told" >&2; exit 1; }
echo "without secrets: refused, with what to do"
