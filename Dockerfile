# One shop: nginx, the responders and the courier. docs/operating/container.md says how to run it.

# Debian 12 with Swift 6.1 or later. With the registry, because Podman guesses none.
ARG SWIFT_IMAGE=docker.io/library/swift:6.3-bookworm
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
WORKDIR /souk
# Installs the Build-Depends. Alone, so that a change of the sources does not repeat it.
COPY debian/control debian/
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get --yes --no-install-recommends build-dep /souk
COPY . .
RUN make/build.sh && make/deb.sh --quick /package

FROM ${DEBIAN_IMAGE}
# A fixed number, because the owner of a volume is a number.
RUN groupadd --gid 10001 souk \
    && useradd --uid 10001 --gid souk --home-dir /var/lib/souk --shell /usr/sbin/nologin souk \
    && install --directory --owner souk --group souk --mode 700 /var/lib/souk
# The package brings nginx and the libraries; systemd-standalone-sysusers takes the place of systemd. The shop makes a
# signing key of its own: that of the package must not be in an image.
RUN --mount=type=bind,from=build,source=/package,target=/package \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get --yes --no-install-recommends install \
        /package/souk_*.deb curl systemd-standalone-sysusers \
    && rm -rf /etc/souk/jwt.secret /var/lib/apt/lists/*
# Below the package's nginx/ and pages, which make/nginx.sh copies.
COPY make/container.sh make/environment.sh make/nginx.sh make/postgres.sh make/run.sh make/sockets.pl make/souk.sh \
    make/supervise.sh make/watch.pl /usr/share/souk/make/
RUN ln --symbolic --force /usr/share/souk/make/souk.sh /usr/bin/souk

ENV SOUK_HOME=/var/lib/souk \
    SOUK_BIN=/usr/lib/souk \
    SOUK_DATABASE=/var/lib/souk/souk.db \
    SOUK_JWT_SECRET_FILE=/var/lib/souk/jwt.secret \
    SOUK_LISTEN=0.0.0.0 \
    SOUK_LOGS=stdout \
    SOUK_DEMO=0
USER 10001:10001
WORKDIR /var/lib/souk
VOLUME /var/lib/souk
EXPOSE 8080
# Without a proxy: Podman passes on http_proxy of the host. 0.0.0.0 leads to the container itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD curl --noproxy '*' --fail --silent --output /dev/null --header 'Host: localhost' \
        "http://${SOUK_LISTEN:-127.0.0.1}:${SOUK_PORT:-8080}/healthz"
# A command and no entry point: `docker run IMAGE souk …` replaces it.
CMD ["/usr/share/souk/make/container.sh"]
