#!/bin/sh
# Chooses the service by the first argument; anything that is no service goes to the penstock command line.
set -eu
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
options="-XX:MaxRAMPercentage=60 -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${JAVA_OPTIONS:-}"
case "${1:-up}" in
  ingress) main=io.penstock.ingress.Main ;;
  router) main=io.penstock.router.Main ;;
  worker) main=io.penstock.worker.Main ;;
  billing) main=io.penstock.billing.Main ;;
  # a Kafka broker from the jars that the one-process mode brings along; a cluster has its own
  broker)
    config=${2:-/etc/penstock/broker.properties}
    classes="/opt/penstock/penstock.jar:/opt/penstock/lib/*"
    if [ ! -f /var/lib/penstock/kafka/meta.properties ]; then
      "$java" -Xmx128m -cp "$classes" kafka.tools.StorageTool format --config "$config" --cluster-id "${CLUSTER_ID:-cGVuc3RvY2stY29tcG9zZQ}"
    fi
    # shellcheck disable=SC2086
    exec "$java" $options -cp "$classes" kafka.Kafka "$config"
    ;;
  # the schema registry that the one-process mode brings along, by itself
  registry)
    shift
    # shellcheck disable=SC2086
    exec "$java" -Xmx192m -jar "$(find /opt/penstock/registry -name quarkus-run.jar | head -n 1)" "$@"
    ;;
  *)
    # shellcheck disable=SC2086
    exec "$java" $options -Dpenstock.home=/opt/penstock -jar /opt/penstock/penstock.jar "$@"
    ;;
esac
shift
# shellcheck disable=SC2086
exec "$java" $options -cp "/opt/penstock/penstock.jar:/opt/penstock/lib/*" "$main" "$@"
