# One image for all: the first argument chooses the service (ingress, router, worker, billing, or the penstock command).
# The jars are built outside (mvn -DskipTests package), so that the image needs no build tools and no network.
ARG BASE=eclipse-temurin:25-jre
FROM ${BASE}
COPY standalone/target/lib /opt/penstock/lib
COPY standalone/target/penstock.jar /opt/penstock/penstock.jar
COPY standalone/target/registry /opt/penstock/registry
COPY deploy/entrypoint.sh /opt/penstock/entrypoint.sh
RUN groupadd --system penstock && useradd --system --gid penstock --home-dir /var/lib/penstock penstock \
  && mkdir -p /var/lib/penstock/blobs /var/lib/penstock/streams && chown -R penstock:penstock /var/lib/penstock && chmod 0755 /opt/penstock/entrypoint.sh
USER penstock
WORKDIR /var/lib/penstock
ENTRYPOINT ["/opt/penstock/entrypoint.sh"]
CMD ["up"]
