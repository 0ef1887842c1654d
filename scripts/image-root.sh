#!/bin/sh
# Lays out the image's root file system in the folder $1: Node.js, the libraries that it and the
# program's packages load, and the program. The Dockerfile runs it, in the folder of the build.
set -eu
root=$1
app=$root/app
node=/usr/local/bin/node

mkdir -p "$app" "$root/config" "$root/etc" "$root/tmp" "$root/usr/local/bin"
chmod 1777 "$root/tmp"
cp "$node" "$root$node"
cp -R package.json LICENSE schemas dist node_modules "$app/"
rm -rf "$app/node_modules/.bin"
find "$app" -type f \( -name '*.map' -o -name '*.[cm]ts' -o -name '*.ts' \) -delete

# Of the container's memory; the rest holds buffers, the young generation, code and a health check.
# Without this, V8 takes 259 MB where the limit is half a gigabyte or less.
sed -i "1s|.*|#!$node --max-old-space-size-percentage=40|" "$app/dist/main.js"
ln -s /app/dist/main.js "$root/usr/local/bin/sell-kafka"

{
  ldd "$node"
  find "$app/node_modules" -name '*.node' -exec ldd {} +
} | grep -o '/[^ :]*\.so[^ :]*' | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done

# A name is looked up in /etc/hosts and then by DNS.
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'node:x:1000:1000::/config:/' >"$root/etc/passwd"
echo 'node:x:1000:' >"$root/etc/group"
# The certificate authorities of the base image, when it has any besides those of Node.js.
if [ -d /etc/ssl/certs ]; then
  mkdir -p "$root/etc/ssl"
  cp -RL /etc/ssl/certs "$root/etc/ssl/"
fi
