#!/bin/sh
# Make an authority and, signed by it, a certificate each for the scheduler, the workers and the web
# server's engine (the client). Dask answers nobody whose certificate this authority has not signed.
#
#     deploy/make_certificates.sh FOLDER [DAYS]
#
# FOLDER then holds ca.pem, ROLE.pem and ROLE.key. Whoever has a key can run code on the workers:
# give each machine its own role's only, and keep ca.key off all of them.
set -eu
umask 077
folder=${1:?usage: make_certificates.sh FOLDER [DAYS]}
days=${2:-365}
mkdir -p "$folder"
cd "$folder"
if [ -e ca.key ]; then
    echo "$folder holds an authority already; delete it, or choose another folder" >&2
    exit 1
fi
openssl req -x509 -newkey rsa:3072 -nodes -days "$days" -subj "/CN=LayerScope authority" \
    -keyout ca.key -out ca.pem 2>/dev/null
for role in scheduler worker client; do
    openssl req -newkey rsa:3072 -nodes -subj "/CN=layerscope-$role" \
        -keyout "$role.key" -out "$role.csr" 2>/dev/null
    openssl x509 -req -in "$role.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$days" \
        -out "$role.pem" 2>/dev/null
    rm "$role.csr"
done
rm -f ca.srl
echo "made in $folder: ca.pem, and .pem and .key of scheduler, worker and client"
