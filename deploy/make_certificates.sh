#!/bin/sh
# Make an authority and, signed by it, a certificate each for the scheduler, the workers and the web
# server's engine (the client). Dask answers nobody whose certificate this authority has not signed.
#
#     deploy/make_certificates.sh FOLDER [DAYS]
#
# FOLDER then holds ca.pem, ROLE.pem and ROLE.key. Whoever has a key can run code on the workers: give
# each process its own role's only. The authority's own key is not kept: nothing more can be signed.
set -eu
umask 077
folder=${1:?usage: make_certificates.sh FOLDER [DAYS]}
days=${2:-365}
mkdir -p "$folder"
cd "$folder"
if [ -e ca.pem ]; then
    echo "$folder holds certificates already; name a new folder, and exchange all of them" >&2
    exit 1
fi
trap 'rm -f ca.key ca.srl' EXIT
openssl req -x509 -newkey rsa:3072 -nodes -days "$days" -subj "/CN=LayerScope authority" \
    -keyout ca.key -out ca.pem 2>/dev/null
for role in scheduler worker client; do
    openssl req -newkey rsa:3072 -nodes -subj "/CN=layerscope-$role" \
        -keyout "$role.key" -out "$role.csr" 2>/dev/null
    openssl x509 -req -in "$role.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$days" \
        -out "$role.pem" 2>/dev/null
    rm "$role.csr"
done
echo "made in $folder: ca.pem, and .pem and .key of scheduler, worker and client"
