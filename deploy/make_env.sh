#!/bin/sh
# Write .env with random secrets for docker-compose.yml, readable by its owner alone; one that exists is left as it is.
set -eu
file=${1:-.env}
if [ -e "$file" ]; then
    echo "$file exists and is left as it is." >&2
    exit 0
fi
umask 077
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
model_key=$(secret)
cat > "$file" <<END
VERNACULAR_POSTGRES_PASSWORD=$(secret)
VERNACULAR_QDRANT_KEY=$(secret)
VERNACULAR_MODEL_KEY=$model_key
VERNACULAR_GRAFANA_PASSWORD=$(secret)
# Addresses that are listened on: this machine alone, or 0.0.0.0 behind a proxy that speaks TLS.
VERNACULAR_BIND=127.0.0.1
# For the profile gpu: the folder of the model's weights, and where the gateway finds the model.
#VERNACULAR_MODEL_WEIGHTS=/srv/models/qwen2.5-7b-instruct
#VERNACULAR_GENERATION__ENDPOINTS=[{"url": "http://vllm:8000/v1", "api_key": "$model_key", "profile": "qwen2.5-7b-instruct"}]
END
echo "Wrote $file; keep it, and keep it secret." >&2
